import CSQLite
import Threads

/// One result on its way to the file.
struct PendingWrite: Sendable {
  let key: CacheKey
  let value: CachedValue
  /// What it takes in the queue: the value's bytes and the bookkeeping around them.
  var bytes: Int { value.byteCount + MemoryLayout<PendingWrite>.stride + 32 }
}

/// Writes and evicts entries through one connection.
///
/// Rule: as for `DiskConnection`, one thread at a time.
struct DiskWriter {
  /// Bytes that SQLite adds to an entry: row number, header, stamp, cell pointer.
  static let rowBytes = 24

  private let connection: DiskConnection
  private let insert: OpaquePointer
  private let select: OpaquePointer
  private let update: OpaquePointer
  private let total: OpaquePointer
  private var buffer: [UInt8] = []

  init(_ connection: DiskConnection) throws(CacheProblem) {
    self.connection = connection
    insert = try connection.statement(
      "INSERT INTO results(key, stamp, entry) VALUES(?1, ?2, ?3) ON CONFLICT(key) DO NOTHING")
    select = try connection.statement("SELECT entry FROM results WHERE key=?1")
    update = try connection.statement("UPDATE results SET stamp=?2, entry=?3 WHERE key=?1")
    total = try connection.statement("UPDATE totals SET entries=entries+?1, bytes=bytes+?2")
  }

  /// Commits the results in one transaction, in the order of their rows.
  mutating func write(_ writes: [PendingWrite]) throws(CacheProblem) {
    let order = writes.indices.sorted { writes[$0].key.rowNumber < writes[$1].key.rowNumber }
    let stamp = MonotonicClock.wallMilliseconds
    try connection.begin()
    do {
      var entries: Int64 = 0
      var bytes: Int64 = 0
      for index in order {
        let key = writes[index].key
        EntryCoding.encode(writes[index].value, for: key, into: &buffer)
        let size = Int64(buffer.count + Self.rowBytes)
        if try put(insert, key, stamp) {
          entries += 1
          bytes += size
        } else if let old = try differingSize(key), try put(update, key, stamp) {
          bytes += size - old
        }
      }
      try addToTotals(entries: entries, bytes: bytes)
      try connection.commit()
    } catch {
      connection.rollBack()
      throw error
    }
  }

  /// Runs a statement that takes key, stamp and entry; whether it changed a row.
  private mutating func put(_ statement: OpaquePointer, _ key: CacheKey, _ stamp: Int64)
    throws(CacheProblem) -> Bool
  {
    _ = csqlite_bind_int64(statement, 1, key.rowNumber)
    _ = csqlite_bind_int64(statement, 2, stamp)
    let code = buffer.withUnsafeBytes { bytes in
      _ = csqlite_bind_borrowed_blob(statement, 3, bytes.baseAddress, Int64(bytes.count))
      let code = csqlite_step(statement)
      // Unbound before the buffer may move.
      _ = csqlite_reset(statement)
      _ = csqlite_bind_null(statement, 3)
      return code
    }
    guard code == SQLITE_DONE else { throw connection.problem(code) }
    return connection.changes > 0
  }

  /// The size of the row's entry where it is not the one in the buffer already; nil where it is.
  private func differingSize(_ key: CacheKey) throws(CacheProblem) -> Int64? {
    _ = csqlite_bind_int64(select, 1, key.rowNumber)
    guard try connection.step(select) else {
      _ = csqlite_reset(select)
      return nil
    }
    defer { _ = csqlite_reset(select) }
    let bytes = UnsafeRawBufferPointer(
      start: csqlite_column_blob(select, 0), count: Int(csqlite_column_bytes(select, 0)))
    return bytes.elementsEqual(buffer) ? nil : Int64(bytes.count + Self.rowBytes)
  }

  private func addToTotals(entries: Int64, bytes: Int64) throws(CacheProblem) {
    guard entries != 0 || bytes != 0 else { return }
    _ = csqlite_bind_int64(total, 1, entries)
    _ = csqlite_bind_int64(total, 2, bytes)
    try connection.run(total)
  }

  /// Deletes these rows in one transaction; returns how many were there.
  mutating func remove(_ rows: [Int64], bytes: Int64) throws(CacheProblem) -> Int {
    let delete = try connection.statement("DELETE FROM results WHERE key=?1")
    try connection.begin()
    do {
      var removed = 0
      for row in rows {
        _ = csqlite_bind_int64(delete, 1, row)
        try connection.run(delete)
        removed += Int(connection.changes)
      }
      try addToTotals(entries: Int64(-removed), bytes: -bytes)
      try connection.commit()
      return removed
    } catch {
      connection.rollBack()
      throw error
    }
  }
}
