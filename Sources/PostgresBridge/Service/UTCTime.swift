#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Moments as PostgreSQL reads them.
enum UTCTime {
  /// `2026-11-21 10:15:00.123+00`.
  static func text(secondsSince1970 seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e11 else { return "epoch" }
    var whole = time_t(seconds.rounded(.down))
    var parts = tm()
    gmtime_r(&whole, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
    let milliseconds = Int(((seconds - seconds.rounded(.down)) * 1000).rounded(.down))
    let digits = String(milliseconds + 1000).dropFirst()
    return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
      + ".\(digits)+00"
  }
}
