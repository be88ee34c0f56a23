import CSQLite
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a connection knows about the table of corrections, so that statements need not ask anew.
///
/// Used on the connection's thread only.
final class SessionCorrections {
  /// The database's file and its log as they were last seen.
  private struct FileStamp: Equatable {
    var sizes: [Int64] = []
    var times: [Int64] = []
  }

  /// A file that was written to so shortly before it was looked at may have been written to again since, under the same
  /// time: clocks of file systems tick every few milliseconds.
  private static let clockStep: Int64 = 100_000_000

  /// Goes up when a correction is stored: the statement under way may itself have done so.
  private(set) var generation = 0
  /// Stands for "no corrections"; no object has an odd address.
  private(set) var noneMark = UnsafeMutableRawPointer(bitPattern: 1)
  private var emptyStamp: FileStamp?

  func invalidate() {
    generation += 1
    noneMark = UnsafeMutableRawPointer(bitPattern: generation &* 2 | 1)
    emptyStamp = nil
  }

  static func isMark(_ pointer: UnsafeMutableRawPointer) -> Bool { UInt(bitPattern: pointer) & 1 == 1 }

  /// Whether the main database has a table of corrections.
  ///
  /// A statement that reads the database knows its schema. One that reads nothing of it may not know yet what another
  /// connection has made there: it looks, unless the files are as they were when there was no such table.
  func hasTable(_ connection: OpaquePointer) -> Bool {
    let table = FeedbackTable(connection)
    if table.exists { return true }
    guard csqlite_txn_state(connection, "main") == SQLITE_TXN_NONE,
      let path = csqlite_db_filename(connection, "main"), path.pointee != 0
    else { return false }
    let stamp = Self.stamp(String(cString: path))
    if let stamp, stamp == emptyStamp { return false }
    emptyStamp = nil
    guard let look = try? SQLStatement("SELECT 1 FROM main.sqlite_master LIMIT 0", on: connection) else {
      return false
    }
    let status = csqlite_step(look.pointer)
    csqlite_reset(look.pointer)
    if table.exists { return true }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    if status == SQLITE_DONE, let stamp, Self.nanoseconds(now) - (stamp.times.max() ?? .max) > Self.clockStep
    {
      emptyStamp = stamp
    }
    return false
  }

  /// Nil where the files can't be looked at.
  private static func stamp(_ path: String) -> FileStamp? {
    var stamp = FileStamp()
    for file in [path, path + "-wal"] {
      var status = stat()
      guard stat(file, &status) == 0 else {
        if errno == ENOENT, !stamp.sizes.isEmpty { break }
        return nil
      }
      stamp.sizes += [Int64(status.st_size), Int64(truncatingIfNeeded: status.st_ino)]
      #if canImport(Darwin)
        stamp.times.append(nanoseconds(status.st_mtimespec))
      #else
        stamp.times.append(nanoseconds(status.st_mtim))
      #endif
    }
    return stamp
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
