/// A value behind a lock. Unlike the standard library's `Mutex`, it rests on the system's own mutex, which
/// Thread Sanitizer knows.
///
/// Threads: any. The value is touched only inside `withLock`.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = Lock()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
