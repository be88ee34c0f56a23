#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Time for deadlines and durations (monotonic) and for the age of entries (wall clock).
package enum MonotonicClock {
  /// Nanoseconds since some moment in the past; never jumps.
  package static var nanoseconds: UInt64 { read(CLOCK_MONOTONIC) }

  /// The same in seconds, for measuring how long something takes.
  package static var seconds: Double { Double(nanoseconds) * 1e-9 }

  /// Milliseconds since 1970, to which entries of different processes are stamped.
  package static var wallMilliseconds: Int64 { Int64(read(CLOCK_REALTIME) / 1_000_000) }

  package static func sleep(milliseconds: UInt32) { sleep(microseconds: milliseconds &* 1000) }

  package static func sleep(microseconds: UInt32) { usleep(microseconds) }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0, time.tv_sec >= 0 else { return 0 }
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
