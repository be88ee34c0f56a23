import CSQLite
import Diagnostics
import SQLiteExtension

/// Statements of the command's own, beside those of the user.
extension Database {
  /// Runs a statement that returns no rows, with values for ?1, ?2, …
  func execute(_ sql: String, _ values: [Cell] = []) throws(SibylError) {
    try query(sql, values) { _ in }
  }

  /// Runs a statement and calls `row` for each of its rows.
  func query(_ sql: String, _ values: [Cell] = [], row: (OpaquePointer) -> Void) throws(SibylError) {
    let statement = try SQLStatement(sql, on: connection)
    try run(statement, values, row: row)
  }

  /// Runs a prepared statement anew.
  func run(
    _ statement: borrowing SQLStatement, _ values: [Cell], row: (OpaquePointer) -> Void = { _ in }
  ) throws(SibylError) {
    for (index, value) in values.enumerated() { value.bind(to: statement.pointer, Int32(index + 1)) }
    defer {
      csqlite_reset(statement.pointer)
      csqlite_clear_bindings(statement.pointer)
    }
    while true {
      let status = csqlite_step(statement.pointer)
      guard status == SQLITE_ROW else {
        guard status == SQLITE_DONE else { throw SQLStatement.failure(of: connection, status) }
        return
      }
      row(statement.pointer)
    }
  }

  /// The first column of a statement's first row; nil where there is none or it is NULL.
  func integer(_ sql: String, _ values: [Cell] = []) throws(SibylError) -> Int64? {
    var found: Int64?
    try query(sql, values) { row in
      if found == nil, csqlite_column_type(row, 0) != SQLITE_NULL { found = csqlite_column_int64(row, 0) }
    }
    return found
  }

  /// Runs statements as one transaction that writes, from its beginning.
  ///
  /// - Parameter isCancelled: asked while another program holds the lock, however long that is.
  func transaction<Result>(
    isCancelled: () -> Bool, _ body: () throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    while csqlite_exec(connection, "BEGIN IMMEDIATE") != SQLITE_OK {
      let status = csqlite_extended_errcode(connection)
      guard status & 0xFF == SQLITE_BUSY, !isCancelled() else {
        throw SQLStatement.failure(of: connection, status)
      }
    }
    do throws(SibylError) {
      let result = try body()
      while csqlite_exec(connection, "COMMIT") != SQLITE_OK {
        let status = csqlite_extended_errcode(connection)
        guard status & 0xFF == SQLITE_BUSY, !isCancelled() else {
          throw SQLStatement.failure(of: connection, status)
        }
      }
      return result
    } catch {
      if csqlite_get_autocommit(connection) == 0 { _ = csqlite_exec(connection, "ROLLBACK") }
      throw error
    }
  }
}

extension Cell {
  /// Binds a copy of the value.
  func bind(to statement: OpaquePointer, _ index: Int32) {
    switch self {
    case .null: csqlite_bind_null(statement, index)
    case .integer(let value): csqlite_bind_int64(statement, index, value)
    case .real(let value): csqlite_bind_double(statement, index, value)
    case .text(let bytes):
      bytes.withMemoryRebound(to: CChar.self) {
        _ = csqlite_bind_text(statement, index, $0.baseAddress, Int64($0.count))
      }
    case .blob(let bytes): csqlite_bind_blob(statement, index, bytes.baseAddress, Int64(bytes.count))
    }
  }
}
