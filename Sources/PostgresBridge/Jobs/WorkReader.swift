import PostgresClient

/// Reads the rows of leased work, a part at a time, so that rows of any size take little memory.
struct WorkReader {
  struct Row {
    let key: String
    /// The arguments' texts, in the function's order.
    let arguments: [String?]
  }

  /// Text of one part, roughly, and rows that come in one piece.
  private static let bytesAtOnce = 16 << 20
  private static let rowsAtOnce = 64

  let connection: PostgresConnection

  /// The rows with some keys that are there, each once.
  ///
  /// They are read in a transaction of its own, which may not write, under the path of whoever asked for the work.
  /// - Returns: the rows, and whether these are all; otherwise there is enough to compute for now.
  func read(_ work: LeasedWork, keys: [String]) throws(PostgresError) -> (rows: [Row], isComplete: Bool) {
    try connection.query("BEGIN READ ONLY")
    do throws(PostgresError) {
      try connection.query("SELECT set_config('search_path', $1, true)", [.text(work.path)])
      try connection.query("DECLARE work NO SCROLL CURSOR FOR \(work.reading)", [.texts(keys)])
      let answer = try fetch(Set(keys))
      try connection.query("ROLLBACK")
      return answer
    } catch {
      _ = try? connection.query("ROLLBACK")
      throw error
    }
  }

  private func fetch(_ keys: Set<String>) throws(PostgresError) -> (rows: [Row], isComplete: Bool) {
    var missing = keys
    var rows: [Row] = []
    var bytes = 0
    while bytes < Self.bytesAtOnce {
      let fetched = try connection.query("FETCH FORWARD \(Self.rowsAtOnce) FROM work")
      for row in 0..<fetched.count {
        // A key that is equal to one of them but written in another way is another chunk's.
        guard let key = fetched[row, 0], missing.remove(key) != nil else { continue }
        let arguments = fetched.columns.indices.dropFirst().map { fetched[row, $0] }
        bytes += arguments.reduce(64) { $0 + ($1?.utf8.count ?? 0) }
        rows.append(Row(key: key, arguments: arguments))
      }
      if fetched.count < Self.rowsAtOnce { return (rows, true) }
    }
    return (rows, false)
  }
}
