#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A mutual-exclusion lock that, unlike the standard library's, can be taken before `fork` and given back on
/// both sides after it.
///
/// Rule: the lock orders all access to what its owner says it guards; it is not recursive.
package final class Lock: @unchecked Sendable {
  package let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  @inline(__always) package func lock() { pthread_mutex_lock(mutex) }
  @inline(__always) package func unlock() { pthread_mutex_unlock(mutex) }
  package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }

  @inline(__always)
  package func withLock<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    lock()
    defer { unlock() }
    return try body()
  }
}
