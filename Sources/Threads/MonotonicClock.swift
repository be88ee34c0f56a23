#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Time for deadlines (monotonic) and for the age of entries (wall clock).
enum MonotonicClock {
  /// Nanoseconds since some moment in the past; never jumps.
  static var nanoseconds: UInt64 { read(CLOCK_MONOTONIC) }

  /// Milliseconds since 1970, to which entries of different processes are stamped.
  static var wallMilliseconds: Int64 { Int64(read(CLOCK_REALTIME) / 1_000_000) }

  static func sleep(milliseconds: UInt32) { usleep(milliseconds &* 1000) }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0, time.tv_sec >= 0 else { return 0 }
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
