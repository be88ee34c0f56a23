import CPostgres

/// What an error or a notice says about itself. The values are libpq's `PG_DIAG_…`, which are macros that
/// Swift does not import.
enum ErrorField: UInt8 {
  case severity = 0x56  // V
  case sqlState = 0x43  // C
  case message = 0x4D  // M
  case detail = 0x44  // D
  case hint = 0x48  // H

  /// The field of a result; nil where it has none.
  func read(_ result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(rawValue)).map { String(cString: $0) }
  }
}
