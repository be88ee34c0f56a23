import CSQLite
import Diagnostics

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

extension Cell {
  /// Calls `body` with a text as a value, which lives as long as the call.
  static func withText<Result>(
    _ text: String, _ body: (Cell) throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    try withTexts([text]) { (cells) throws(SibylError) in try body(cells[0]) }
  }

  /// The same with several texts.
  static func withTexts<Result>(
    _ texts: [String], _ body: ([Cell]) throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    // An empty text must have an address too: SQLite takes a text without one for NULL.
    var bytes: [UInt8] = [0]
    let places = texts.map { text in
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      return start..<bytes.count
    }
    return try bytes.withUnsafeBufferPointer { all throws(SibylError) in
      try body(places.map { .text(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[$0]))) })
    }
  }
}
