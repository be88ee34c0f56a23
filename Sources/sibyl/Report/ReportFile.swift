import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file that a report goes to. It is opened before the work begins: an hour later is too late to learn that the
/// folder does not exist.
final class ReportFile {
  let record = RunRecord()
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(SibylError) {
    self.path = path
    // What an earlier report says stays until there is a new one. The page holds texts of the user's.
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SibylError(
        .unavailable,
        "The report \(path) can't be written: \(String(cString: strerror(errno))). Check --report.")
    }
  }

  deinit { close(descriptor) }

  func write(sql: String, database: String, summary: RunSummary, seconds: Double) throws(SibylError) {
    let page = ReportPage(
      sql: sql, database: database, date: Self.date, summary: summary, seconds: seconds, record: record)
    guard ftruncate(descriptor, 0) == 0 else {
      throw SibylError(
        .unavailable, "The report \(path) can't be written: \(String(cString: strerror(errno))).")
    }
    let output = ByteOutput(descriptor: descriptor)
    output.write(page.html)
    try output.flush()
  }

  /// The time now where the user is: `2026-11-21 10:15`.
  private static var date: String {
    var seconds = time(nil)
    var parts = tm()
    localtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M", &parts)
    return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
