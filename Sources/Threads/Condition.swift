#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What threads sleep on until another one changes the state that a `Lock` guards.
package final class Condition: @unchecked Sendable {
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    Self.prepare(condition)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  package func wait(_ lock: Lock) { pthread_cond_wait(condition, lock.mutex) }

  /// Sleeps until woken or until `deadline` on the monotonic clock (nanoseconds), whichever comes first.
  package func wait(_ lock: Lock, until deadline: UInt64) {
    #if canImport(Darwin)
      let now = MonotonicClock.nanoseconds
      guard deadline > now else { return }
      var rest = Self.time(deadline - now)
      pthread_cond_timedwait_relative_np(condition, lock.mutex, &rest)
    #else
      var time = Self.time(deadline)
      pthread_cond_timedwait(condition, lock.mutex, &time)
    #endif
  }

  package func signal() { pthread_cond_signal(condition) }
  package func broadcast() { pthread_cond_broadcast(condition) }

  /// In a child after `fork`: the threads that slept here exist in the parent only.
  package func forgetSleepers() { Self.prepare(condition) }

  private static func prepare(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
    #if canImport(Darwin)
      pthread_cond_init(condition, nil)
    #else
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      // The wall clock may jump; a bounded wait must not.
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(condition, &attributes)
      pthread_condattr_destroy(&attributes)
    #endif
  }

  private static func time(_ nanoseconds: UInt64) -> timespec {
    timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}
