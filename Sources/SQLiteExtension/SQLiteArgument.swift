import CSQLite
import Functions

/// Reads the arguments that SQLite hands to a function.
enum SQLiteArgument {
  /// The argument where it lies: its bytes are SQLite's and valid until the call returns.
  static func raw(_ value: OpaquePointer?) -> RawArgument {
    guard let value else { return .null }
    switch csqlite_value_type(value) {
    case SQLITE_INTEGER: return .integer(csqlite_value_int64(value))
    case SQLITE_FLOAT: return .real(csqlite_value_double(value))
    case SQLITE_TEXT:
      // The text must be asked for before its length: a UTF-16 database converts it first.
      let text = csqlite_value_text(value)
      return .text(UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : bytes(of: value)))
    case SQLITE_BLOB:
      let blob = csqlite_value_blob(value)
      return .blob(UnsafeRawBufferPointer(start: blob, count: blob == nil ? 0 : bytes(of: value)))
    default: return .null
    }
  }

  private static func bytes(of value: OpaquePointer) -> Int { max(0, Int(csqlite_value_bytes(value))) }
}
