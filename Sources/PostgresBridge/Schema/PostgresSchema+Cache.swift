import PostgresClient

extension PostgresSchema {
  /// What a row of the cache takes beside its answer, in the table and in its index, roughly.
  private static let bytesPerRow = 150
  /// A statement has at most so many rows and, roughly, bytes.
  private static let mostRows = 10_000
  private static let mostBytes = 32 << 20

  /// Says what the functions' answers depend on now, exactly these: answers of other functions, and those
  /// that were computed under another fingerprint, are not found any more.
  /// - Parameter fingerprints: 32 bytes a function.
  public func updateFingerprints(
    _ fingerprints: [(function: String, fingerprint: [UInt8])]
  ) throws(PostgresError) {
    try connection.query(
      """
      WITH gone AS (DELETE FROM sibyl.function WHERE name <> ALL ($1))
      INSERT INTO sibyl.function AS known (name, fingerprint)
      SELECT * FROM unnest($1::text[], $2::bytea[])
      ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint
      WHERE known.fingerprint IS DISTINCT FROM excluded.fingerprint
      """, [.texts(fingerprints.map(\.function)), .byteArrays(fingerprints.map(\.fingerprint))])
    try updateCorrectionMarks()
  }

  /// Says of every function whether there may be corrections. Nobody may be writing any meanwhile; where somebody is, the
  /// marks stay as they are, which is never wrong.
  private func updateCorrectionMarks() throws(PostgresError) {
    do throws(PostgresError) {
      try connection.transaction { () throws(PostgresError) in
        try connection.query("LOCK TABLE sibyl.feedback IN SHARE MODE NOWAIT")
        try connection.query(
          """
          UPDATE sibyl.function AS known SET has_corrections = found.any
          FROM (SELECT EXISTS (SELECT FROM sibyl.feedback)) AS found ("any")
          WHERE known.has_corrections <> found.any
          """)
      }
    } catch {
      // Or the tables are of an older version.
      guard error.sqlState == "55P03" || error.sqlState == "42P01" else { throw error }
    }
  }

  /// Writes answers into the cache; those that are there stay.
  ///
  /// Waits two seconds for a lock at most, then throws (55P03): an answer that is not kept is computed again,
  /// a bridge that hangs is not.
  /// - Returns: how many were new.
  @discardableResult public func storeAnswers(
    _ answers: [(key: [UInt8], answer: String?)]
  ) throws(PostgresError) -> Int {
    guard !answers.isEmpty else { return 0 }
    // In the order of the keys: two writers with the same answers must not wait for each other.
    let sorted = answers.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var stored = 0
    var start = 0
    while start < sorted.count {
      var end = start
      var bytes = 0
      while end < sorted.count, end - start < Self.mostRows, bytes < Self.mostBytes {
        bytes += Self.bytesPerRow + (sorted[end].answer?.utf8.count ?? 0)
        end += 1
      }
      let part = sorted[start..<end]
      stored += try connection.transaction { () throws(PostgresError) in
        try connection.runScript("SET LOCAL lock_timeout = '2s'; SET LOCAL synchronous_commit = off")
        return try connection.query(
          """
          INSERT INTO sibyl.cache (key, answer) SELECT * FROM unnest($1::bytea[], $2::text[])
          ON CONFLICT (key) DO NOTHING
          """, [.byteArrays(part.map(\.key)), .texts(part.map(\.answer))]
        ).affectedRows
      }
      start = end
    }
    return stored
  }

  /// Removes the oldest answers where the cache has grown beyond a size, down to nine tenths of it.
  ///
  /// Quick where it has not. What it frees is used for new answers; the files do not shrink.
  /// - Parameter maximumBytes: for rows and index; counted roughly.
  /// - Returns: how many answers were removed.
  @discardableResult public func trimCache(maximumBytes: Int) throws(PostgresError) -> Int {
    let maximum = max(maximumBytes, 0)
    let size = try value("SELECT pg_total_relation_size('sibyl.cache')").flatMap { Int($0) } ?? 0
    guard size > maximum else { return 0 }
    let rows = try connection.query(
      "SELECT count(*), coalesce(sum(pg_column_size(answer)), 0) + count(*) * \(Self.bytesPerRow) FROM sibyl.cache"
    )
    guard let count = rows[0, 0].flatMap({ Int($0) }), let used = rows[0, 1].flatMap({ Int($0) }),
      used > maximum
    else { return 0 }
    let share = 1 - 0.9 * Double(maximum) / Double(used)
    let surplus = Int((Double(count) * share).rounded(.up))
    let removed = try connection.transaction { () throws(PostgresError) in
      try connection.runScript("SET LOCAL lock_timeout = '2s'; SET LOCAL synchronous_commit = off")
      return try connection.query(
        """
        DELETE FROM sibyl.cache AS c
        USING (SELECT ctid AS place FROM sibyl.cache ORDER BY created LIMIT $1) AS oldest
        WHERE c.ctid = oldest.place
        """, [.integer(Int64(surplus))]
      ).affectedRows
    }
    // Makes the room usable at once; where that can't be now, autovacuum does it later.
    _ = try? connection.query("VACUUM (SKIP_LOCKED) sibyl.cache")
    return removed
  }
}
