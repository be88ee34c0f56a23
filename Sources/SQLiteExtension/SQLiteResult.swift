import CSQLite
import Diagnostics
import Functions

/// Hands answers back to SQLite, which copies them.
enum SQLiteResult {
  static func set(_ value: Value, _ context: OpaquePointer) {
    switch value {
    case .null: csqlite_result_null(context)
    case .integer(let integer): csqlite_result_int64(context, integer)
    case .real(let real): csqlite_result_double(context, real)
    case .text(var text):
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          // An empty buffer may have no address, and a null pointer would mean NULL.
          if let start = $0.baseAddress {
            csqlite_result_text(context, start, Int64($0.count))
          } else {
            csqlite_result_text(context, "", 0)
          }
        }
      }
    case .blob(let bytes):
      bytes.withUnsafeBytes { csqlite_result_blob(context, $0.baseAddress, Int64($0.count)) }
    }
  }

  static func set(_ error: SibylError, _ context: OpaquePointer) {
    csqlite_result_error(context, error.message, -1)
    if error.kind == .cancelled { csqlite_result_error_code(context, SQLITE_INTERRUPT) }
  }
}
