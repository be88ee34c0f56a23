import CSQLite
import Diagnostics

/// A prepared statement, finalised when it goes out of scope.
package struct SQLStatement: ~Copyable {
  package let pointer: OpaquePointer

  /// Takes over a statement that someone else prepared.
  package init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  /// Prepares the first statement of `sql`.
  ///
  /// - Throws: SQLite's words about a statement that it does not take. Text without any statement is refused.
  package init(_ sql: String, on connection: OpaquePointer) throws(SibylError) {
    var pointer: OpaquePointer?
    let status = csqlite_prepare_v3(connection, sql, -1, 0, &pointer, nil)
    guard status == SQLITE_OK else { throw Self.failure(of: connection, status) }
    guard let pointer else { throw SibylError(.invalidArgument, "there is no SQL statement in the text") }
    self.pointer = pointer
  }

  deinit { csqlite_finalize(pointer) }

  /// SQLite's words for what went wrong last on a connection.
  package static func failure(of connection: OpaquePointer, _ status: Int32) -> SibylError {
    let message = csqlite_errmsg(connection).map { String(cString: $0) } ?? "SQLite error \(status)"
    switch status & 0xFF {
    case SQLITE_INTERRUPT: return SibylError(.cancelled, message)
    case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_AUTH:
      return SibylError(.invalidArgument, message)
    case SQLITE_CORRUPT, SQLITE_NOTADB: return SibylError(.corruptFile, message)
    default: return SibylError(.unavailable, message)
    }
  }
}
