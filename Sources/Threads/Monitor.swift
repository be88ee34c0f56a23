/// A value behind a lock, with a condition to wait on: what `Synchronization.Mutex` lacks.
///
/// Threads: any. The value is touched only inside `withLock`, `signal` and `wait`. Never freed while a thread
/// may still be inside: owners that live as long as the process hold it.
package final class Monitor<Value>: @unchecked Sendable {
  private let lock = Lock()
  private let condition = Condition()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }

  /// Changes the value and wakes one waiting thread, or all of them.
  @discardableResult
  package func signal<Result>(all: Bool = true, _ change: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    let result = change(&value)
    if all { condition.broadcast() } else { condition.signal() }
    return result
  }

  /// Waits until `body` answers something, and answers that.
  package func wait<Result>(until body: (inout Value) -> Result?) -> Result {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let result = body(&value) { return result }
      condition.wait(lock)
    }
  }

  /// The same for at most `milliseconds`; nil when they have passed.
  package func wait<Result>(milliseconds: Int, until body: (inout Value) -> Result?) -> Result? {
    let deadline = MonotonicClock.nanoseconds &+ UInt64(max(milliseconds, 0)) &* 1_000_000
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let result = body(&value) { return result }
      guard MonotonicClock.nanoseconds < deadline else { return nil }
      condition.wait(lock, until: deadline)
    }
  }
}
