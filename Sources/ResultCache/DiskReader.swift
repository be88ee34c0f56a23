import CSQLite

/// Looks entries up through one connection.
///
/// Rule: as for `DiskConnection`, one thread at a time.
struct DiskReader {
  /// A wanted key: its row, and its index in the caller's array.
  typealias Wanted = (row: Int64, index: Int)

  /// Stepping to the next row costs about a tenth of finding one by its number.
  private static let scanFactor = 8.0

  private let connection: DiskConnection
  private let select: OpaquePointer
  private let range: OpaquePointer
  private let following: OpaquePointer
  /// Entries whose checksum did not match so far.
  private(set) var damagedEntries = 0
  /// Lookups on the snapshot that is held; nil where each lookup is a transaction of its own.
  private var heldLookups: Int?
  /// A held snapshot is renewed after so many lookups, some milliseconds: the log can't be folded into the file
  /// while an old one is read.
  private static let lookupsPerSnapshot = 4096

  init(_ connection: DiskConnection) throws(CacheProblem) {
    self.connection = connection
    select = try connection.statement("SELECT entry FROM results WHERE key=?1")
    range = try connection.statement(
      "SELECT entry, key FROM results WHERE key BETWEEN ?1 AND ?2 ORDER BY key")
    following = try connection.statement(
      "SELECT entry, key FROM results WHERE key >= ?1 ORDER BY key LIMIT \(ReadAhead.entries)")
  }

  /// Looks up one key on a snapshot that is held for the next ones: locking the file takes longer than looking.
  mutating func valueHoldingSnapshot(for key: CacheKey) throws(CacheProblem) -> CachedValue? {
    if let lookups = heldLookups, lookups >= Self.lookupsPerSnapshot { releaseSnapshot() }
    if heldLookups == nil {
      try connection.run(connection.statement("BEGIN"))
      heldLookups = 0
    }
    heldLookups = heldLookups.map { $0 + 1 }
    do {
      return try value(for: key)
    } catch {
      releaseSnapshot()
      throw error
    }
  }

  /// Lets go of the snapshot that is held, if any.
  mutating func releaseSnapshot() {
    guard heldLookups != nil else { return }
    heldLookups = nil
    connection.rollBack()
  }

  mutating func value(for key: CacheKey) throws(CacheProblem) -> CachedValue? {
    _ = csqlite_bind_int64(select, 1, key.rowNumber)
    defer { _ = csqlite_reset(select) }
    return try connection.step(select) ? entry(select, for: key) : nil
  }

  /// Looks up keys on one snapshot and passes what it finds to `found`.
  ///
  /// - Parameter wanted: in the order of the rows, so that each page of the file is read once. Where they are
  ///   most of the rows between the first and the last, as when a bulk job runs again, the file is read in order
  ///   instead of key by key.
  mutating func values(
    for keys: [CacheKey], _ wanted: ArraySlice<Wanted>, found: (Int, CachedValue) -> Void
  ) throws(CacheProblem) {
    guard let first = wanted.first, let last = wanted.last else { return }
    releaseSnapshot()
    try connection.run(connection.statement("BEGIN"))
    do {
      let width = Double(last.row) - Double(first.row)
      let rowsBetween = width / 0x1p64 * Double(try entryCount())
      if rowsBetween < Double(wanted.count) * Self.scanFactor {
        try scan(keys, wanted, from: first.row, to: last.row, found)
      } else {
        for (_, index) in wanted {
          if let value = try value(for: keys[index]) { found(index, value) }
        }
      }
      try connection.run(connection.statement("COMMIT"))
    } catch {
      connection.rollBack()
      throw error
    }
  }

  private mutating func scan(
    _ keys: [CacheKey], _ wanted: ArraySlice<Wanted>, from first: Int64, to last: Int64,
    _ found: (Int, CachedValue) -> Void
  ) throws(CacheProblem) {
    _ = csqlite_bind_int64(range, 1, first)
    _ = csqlite_bind_int64(range, 2, last)
    defer { _ = csqlite_reset(range) }
    var next = wanted.startIndex
    while next < wanted.endIndex, try connection.step(range) {
      let row = csqlite_column_int64(range, 1)
      while next < wanted.endIndex, wanted[next].row < row { next += 1 }
      // A batch may hold a key several times.
      while next < wanted.endIndex, wanted[next].row == row {
        let index = wanted[next].index
        if let value = entry(range, for: keys[index]) { found(index, value) }
        next += 1
      }
    }
  }

  /// Reads entries in the file's order, `ReadAhead.entries` at most, on the snapshot that is held.
  ///
  /// - Returns: where to go on; nil at the end of the file.
  mutating func entries(
    from first: Int64, into entries: inout [(key: CacheKey, value: CachedValue)]
  ) throws(CacheProblem) -> Int64? {
    _ = csqlite_bind_int64(following, 1, first)
    defer { _ = csqlite_reset(following) }
    var last: Int64?
    var count = 0
    while try connection.step(following) {
      count += 1
      let row = csqlite_column_int64(following, 1)
      last = row
      guard let key = key(following, row: row), let value = entry(following, for: key) else { continue }
      entries.append((key, value))
    }
    guard let last, last < .max, count == ReadAhead.entries else { return nil }
    return last + 1
  }

  /// The whole key of the entry in the first column of the present row; nil where there is no entry.
  private func key(_ statement: OpaquePointer, row: Int64) -> CacheKey? {
    guard csqlite_column_type(statement, 0) == SQLITE_BLOB, let blob = csqlite_column_blob(statement, 0)
    else { return nil }
    return EntryCoding.key(
      of: UnsafeRawBufferPointer(start: blob, count: Int(csqlite_column_bytes(statement, 0))), row: row)
  }

  /// The entry in the first column of the present row; nil where it is another key's, or damaged.
  private mutating func entry(_ statement: OpaquePointer, for key: CacheKey) -> CachedValue? {
    guard csqlite_column_type(statement, 0) == SQLITE_BLOB, let blob = csqlite_column_blob(statement, 0)
    else {
      damagedEntries += 1
      return nil
    }
    let bytes = UnsafeRawBufferPointer(start: blob, count: Int(csqlite_column_bytes(statement, 0)))
    switch EntryCoding.decode(bytes, for: key) {
    case .value(let value): return value
    case .otherKey: return nil
    case .damaged:
      damagedEntries += 1
      return nil
    }
  }

  func entryCount() throws(CacheProblem) -> Int {
    let statement = try connection.statement("SELECT entries FROM totals WHERE id=1")
    defer { _ = csqlite_reset(statement) }
    return try connection.step(statement) ? Int(clamping: csqlite_column_int64(statement, 0)) : 0
  }
}
