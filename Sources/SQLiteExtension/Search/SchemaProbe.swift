import CSQLite
import Diagnostics

/// Tells whether a database is still as it was, in microseconds.
///
/// The pager counts every change that this connection sees in the file: its own commits and, when a transaction
/// begins, those of others (`SQLITE_FCNTL_DATA_VERSION`, https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html).
/// What this connection has written and not committed is not counted, and may be rolled back: in a transaction that has
/// written there is no stamp. Another database under the same name is told by its file object or, because that may come
/// to lie at the same address, by the probe's statement: DETACH makes SQLite compile all statements of the connection
/// anew, and it counts that.
final class SchemaProbe {
  /// Two equal stamps of one probe mean that nothing has changed in between.
  struct Stamp: Equatable {
    fileprivate let file: UInt
    fileprivate let version: UInt32
    fileprivate let recompilations: Int32
  }

  private let connection: OpaquePointer
  private let schema: String
  private let countsRecompilations: Bool
  private let statement: SQLStatement

  init(_ table: SearchedTable, on connection: OpaquePointer) throws(SibylError) {
    self.connection = connection
    schema = table.schema
    countsRecompilations = table.isAttached
    statement = try SQLStatement("PRAGMA \(schema.quotedAsName).data_version", on: connection)
  }

  /// Whether the probe must be kept for its stamps to mean something; one that is kept must be given back before the
  /// connection closes.
  var mustBeKept: Bool { countsRecompilations }

  /// Begins a look at the database: until `end`, all statements of the connection see the same data.
  func begin() throws(SibylError) {
    let status = csqlite_step(statement.pointer)
    guard status == SQLITE_ROW else {
      csqlite_reset(statement.pointer)
      throw SQLStatement.failure(of: connection, status)
    }
  }

  func end() { csqlite_reset(statement.pointer) }

  /// The database's state as this connection sees it between `begin` and `end`; nil where it can't be told apart from
  /// other states.
  var stamp: Stamp? {
    guard csqlite_txn_state(connection, schema) != SQLITE_TXN_WRITE, !readsUncommitted else { return nil }
    var file: UnsafeMutableRawPointer?
    var version: UInt32 = 0
    guard
      csqlite_file_control(connection, schema, SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
      csqlite_file_control(connection, schema, SQLITE_FCNTL_DATA_VERSION, &version) == SQLITE_OK
    else { return nil }
    return Stamp(
      file: UInt(bitPattern: file), version: version,
      recompilations: countsRecompilations
        ? csqlite_stmt_status(statement.pointer, SQLITE_STMTSTATUS_REPREPARE) : 0)
  }

  /// Whether the connection sees what others, with whom it shares a cache, have not committed.
  private var readsUncommitted: Bool {
    guard let pragma = try? SQLStatement("PRAGMA read_uncommitted", on: connection) else { return true }
    return csqlite_step(pragma.pointer) != SQLITE_ROW || csqlite_column_int64(pragma.pointer, 0) != 0
  }
}
