import CSQLite

/// One value of a result row. Text and blobs point into memory of the row's source: they live until the source
/// moves on.
package enum Cell {
  case null
  case integer(Int64)
  case real(Double)
  /// UTF-8 as it came from SQLite, which does not check it.
  case text(UnsafeRawBufferPointer)
  case blob(UnsafeRawBufferPointer)

  /// A column of a statement's current row.
  init(_ statement: OpaquePointer, column: Int32) {
    switch csqlite_column_type(statement, column) {
    case SQLITE_INTEGER:
      self = .integer(csqlite_column_int64(statement, column))
    case SQLITE_FLOAT:
      self = .real(csqlite_column_double(statement, column))
    case SQLITE_TEXT:
      let bytes = csqlite_column_text(statement, column)
      self = .text(
        UnsafeRawBufferPointer(start: bytes, count: Int(csqlite_column_bytes(statement, column))))
    case SQLITE_BLOB:
      let bytes = csqlite_column_blob(statement, column)
      self = .blob(
        UnsafeRawBufferPointer(start: bytes, count: Int(csqlite_column_bytes(statement, column))))
    default:
      self = .null
    }
  }

  package var isNumber: Bool {
    switch self {
    case .integer, .real: return true
    default: return false
    }
  }
}
