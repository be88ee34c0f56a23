import CSQLite
import Diagnostics
import SQLiteExtension

/// SQL text that holds any number of statements, prepared one after the other: a later one may need the table that
/// an earlier one creates.
struct Script: ~Copyable {
  private let text: [UInt8]
  private var position = 0

  /// - Throws: where the text holds a NUL, which would end it for SQLite.
  init(_ sql: String) throws(SibylError) {
    text = Array(sql.utf8) + [0]
    if let index = text.firstIndex(of: 0), index < text.count - 1 {
      throw SibylError(.invalidArgument, "The SQL holds a NUL character at byte \(index + 1); SQL is text.")
    }
  }

  /// A prepared statement and its text.
  struct Statement: ~Copyable {
    let prepared: SQLStatement
    let sql: String
  }

  /// Prepares the next statement, or returns nil at the end of the text.
  mutating func next(on connection: OpaquePointer) throws(SibylError) -> Statement? {
    while position < text.count - 1 {
      let start = position
      var statement: OpaquePointer?
      var consumed = 0
      let status = text.withUnsafeBufferPointer { text in
        text.withMemoryRebound(to: CChar.self) { text in
          guard let base = text.baseAddress else { return SQLITE_MISUSE }
          var tail: UnsafePointer<CChar>?
          let status = csqlite_prepare_v3(
            connection, base + start, Int32(clamping: text.count - start), 0, &statement, &tail)
          consumed = tail.map { $0 - (base + start) } ?? text.count - 1 - start
          return status
        }
      }
      guard status == SQLITE_OK else { throw failure(on: connection, status, statementStart: start) }
      position = start + max(1, min(consumed, text.count - 1 - start))
      // Blanks, comments and lone semicolons are no statement.
      guard let statement else { continue }
      let sql = String(decoding: text[start..<position], as: UTF8.self)
      return Statement(prepared: SQLStatement(statement), sql: sql)
    }
    return nil
  }

  /// SQLite's words, the line they are about, and a mark under the place where SQLite knows it.
  private func failure(on connection: OpaquePointer, _ status: Int32, statementStart: Int) -> SibylError {
    let error = SQLStatement.failure(of: connection, status)
    let offset = Int(sqlite3_error_offset(connection))
    let blanks: Set<UInt8> = [9, 10, 13, 32, UInt8(ascii: ";")]
    let first = text[statementStart...].firstIndex { !blanks.contains($0) } ?? statementStart
    let place = offset >= 0 ? min(statementStart + offset, text.count - 1) : first
    let lineStart = text[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let lineEnd = text[place...].firstIndex { $0 == 10 || $0 == 0 } ?? text.count - 1
    let line = String(decoding: text[lineStart..<lineEnd], as: UTF8.self)
    var message = "\(error.message)\n  \(line)"
    if offset >= 0 {
      let before = DisplayWidth.of(String(decoding: text[lineStart..<place], as: UTF8.self))
      message += "\n  \(String(repeating: " ", count: before))^"
    }
    return SibylError(error.kind, message)
  }
}
