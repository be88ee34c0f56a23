import CSQLite

/// Deletes the oldest entries of a file that has grown too large, a slice of the keys at a time.
///
/// There is no index by age: it would cost a sixth of the space and a page write for every deletion. Keys are
/// uniform, so any sample of them shows how ages are spread. The sweep takes the stamp below which the wanted
/// share of the sampled entries lies, then walks over all keys in order and deletes what is older, many
/// deletions to a page.
struct EvictionSweep {
  /// Rows looked at in one step.
  private static let stepRows: Int64 = 4096
  /// The share of the entries that one sweep removes.
  private static let share = 0.2

  private let threshold: Int64
  private var bytesLeft: Int64
  private var cursor: Int64
  private var rowsLeft: Int64

  /// Whether the file is due: nearly all pages taken, and filled well enough that deleting makes a difference.
  /// Deletion leaves gaps rather than empty pages (which later entries fill), so pages alone would not tell.
  static func isDue(_ connection: DiskConnection, pageLimit: Int) throws(CacheProblem) -> Bool {
    let pages = try connection.integer("PRAGMA page_count") - connection.integer("PRAGMA freelist_count")
    guard pages >= Int64(pageLimit) * 9 / 10 else { return false }
    let bytes = try connection.integer("SELECT bytes FROM totals WHERE id=1")
    return bytes >= Int64(pageLimit) * Int64(DiskConnection.pageBytes) / 100 * 55
  }

  /// Plans a sweep; nil where the file holds nothing to delete.
  init?(_ connection: DiskConnection) throws(CacheProblem) {
    var stamps: [Int64] = []
    for _ in 0..<64 {
      let start = Int64.random(in: .min ... .max)
      try connection.query("SELECT stamp FROM results WHERE key>=\(start) ORDER BY key LIMIT 32") { row in
        stamps.append(csqlite_column_int64(row, 0))
        return true
      }
    }
    let entries = try connection.integer("SELECT entries FROM totals WHERE id=1")
    let bytes = try connection.integer("SELECT bytes FROM totals WHERE id=1")
    if stamps.isEmpty {
      try connection.query("SELECT stamp FROM results LIMIT 1024") { row in
        stamps.append(csqlite_column_int64(row, 0))
        return true
      }
    }
    guard !stamps.isEmpty else { return nil }
    stamps.sort()
    threshold = stamps[min(stamps.count - 1, Int(Double(stamps.count) * Self.share))]
    bytesLeft = max(bytes / 5, 1)
    cursor = Int64.random(in: .min ... .max)
    // Totals may be off in a file that was damaged; a sweep ends in any case.
    rowsLeft = min(max(entries, 0), 1 << 40) + Self.stepRows
  }

  /// Deletes what is old in the next slice; returns how many entries. `isFinished` tells when to stop.
  mutating func step(_ connection: DiskConnection, _ writer: inout DiskWriter) throws(CacheProblem) -> Int {
    var rows: [Int64] = []
    var bytes: Int64 = 0
    var seen: Int64 = 0
    var next = cursor
    let wanted = bytesLeft
    let oldest = threshold
    try connection.query(
      "SELECT key, stamp, length(entry) FROM results WHERE key>=\(cursor) ORDER BY key LIMIT \(Self.stepRows)"
    ) { row in
      seen += 1
      next = csqlite_column_int64(row, 0)
      if csqlite_column_int64(row, 1) <= oldest {
        rows.append(next)
        bytes += csqlite_column_int64(row, 2) + Int64(DiskWriter.rowBytes)
      }
      return bytes < wanted
    }
    // Behind the last key the walk goes on with the first.
    let reachedEnd = seen < Self.stepRows && bytes < wanted
    cursor = reachedEnd || next == .max ? .min : next + 1
    rowsLeft -= seen == 0 ? Self.stepRows : seen
    bytesLeft -= bytes
    guard !rows.isEmpty else { return 0 }
    return try writer.remove(rows, bytes: bytes)
  }

  var isFinished: Bool { bytesLeft <= 0 || rowsLeft <= 0 }
}
