import CSQLite
import Functions

/// Reads the columns of a statement's current row.
enum SQLiteColumn {
  /// The value where it lies: its bytes are SQLite's and valid until the next step.
  static func raw(_ statement: OpaquePointer, _ column: Int32) -> RawArgument {
    switch csqlite_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(csqlite_column_int64(statement, column))
    case SQLITE_FLOAT: return .real(csqlite_column_double(statement, column))
    case SQLITE_TEXT:
      // The text must be asked for before its length: a UTF-16 database converts it first.
      let text = csqlite_column_text(statement, column)
      let count = text == nil ? 0 : max(0, Int(csqlite_column_bytes(statement, column)))
      return .text(UnsafeRawBufferPointer(start: text, count: count))
    case SQLITE_BLOB:
      let blob = csqlite_column_blob(statement, column)
      let count = blob == nil ? 0 : max(0, Int(csqlite_column_bytes(statement, column)))
      return .blob(UnsafeRawBufferPointer(start: blob, count: count))
    default: return .null
    }
  }
}
