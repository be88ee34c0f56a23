import CSQLite

/// Looks entries up through one connection.
///
/// Rule: as for `DiskConnection`, one thread at a time.
struct DiskReader {
  private let connection: DiskConnection
  private let select: OpaquePointer
  /// Entries whose checksum did not match so far.
  private(set) var damagedEntries = 0

  init(_ connection: DiskConnection) throws(CacheProblem) {
    self.connection = connection
    select = try connection.statement("SELECT entry FROM results WHERE key=?1")
  }

  mutating func value(for key: CacheKey) throws(CacheProblem) -> CachedValue? {
    _ = csqlite_bind_int64(select, 1, key.rowNumber)
    guard try connection.step(select) else {
      _ = csqlite_reset(select)
      return nil
    }
    defer { _ = csqlite_reset(select) }
    guard csqlite_column_type(select, 0) == SQLITE_BLOB, let blob = csqlite_column_blob(select, 0) else {
      damagedEntries += 1
      return nil
    }
    let bytes = UnsafeRawBufferPointer(start: blob, count: Int(csqlite_column_bytes(select, 0)))
    switch EntryCoding.decode(bytes, for: key) {
    case .value(let value): return value
    case .otherKey: return nil
    case .damaged:
      damagedEntries += 1
      return nil
    }
  }

  /// Looks up the keys at `indices` on one snapshot and passes what it finds to `found`.
  ///
  /// In the order of the rows, so that each page of the file is read once.
  mutating func values(
    for keys: [CacheKey], at indices: ArraySlice<Int>, found: (Int, CachedValue) -> Void
  ) throws(CacheProblem) {
    var order = indices.map { (row: keys[$0].rowNumber, index: $0) }
    order.sort { $0.row < $1.row }
    try connection.run(connection.statement("BEGIN"))
    do {
      for (_, index) in order {
        if let value = try value(for: keys[index]) { found(index, value) }
      }
      try connection.run(connection.statement("COMMIT"))
    } catch {
      connection.rollBack()
      throw error
    }
  }

  func entryCount() throws(CacheProblem) -> Int {
    Int(clamping: try connection.integer("SELECT entries FROM totals WHERE id=1"))
  }
}
