import CSQLite
import Diagnostics
import Functions

extension ConnectionSession: FunctionHost {
  /// What `ai_prefetch(sql)` does: replays the statement's query part on the same connection, inside the
  /// statement that called the function.
  package func prefetch(_ sql: String, budget: WorkBudget) throws(SibylError) -> String {
    let query = try prefetchableQuery(of: sql)
    let observer = try PrefetchObserver(connection: connection)
    return try Replay(self).collect(
      query.text, mentionsLimit: query.mentionsLimit, budget: BudgetMeter(budget), observer: observer
    ).json
  }

  /// What `ai_explain(sql)` does, on the same connection and inside the statement that called the function.
  package func explain(_ sql: String, isExact: Bool) throws(SibylError) -> String {
    let query = try prefetchableQuery(of: sql)
    let observer = try PrefetchObserver(connection: connection)
    return try Replay(self).explain(query.text, isExact: isExact, observer: observer).json.serialized()
  }

  /// Reads a query on the same connection, inside the statement that called the function.
  package func readRows(
    of sql: String, columns: ClosedRange<Int>, _ body: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError) {
    try check(sql)
    let statement = try SQLStatement(sql, on: connection)
    let count = Int(csqlite_column_count(statement.pointer))
    guard count > 0, csqlite_stmt_readonly(statement.pointer) != 0 else {
      throw SibylError(
        .invalidArgument, "argument 1 (sql) must be a SELECT; this statement gives no rows to read")
    }
    try require(columns, of: count)
    // A replay that is under way has nothing to collect here.
    let suspended = pass
    pass = nil
    defer { pass = suspended }
    while true {
      let status = csqlite_step(statement.pointer)
      guard status == SQLITE_ROW else {
        guard status == SQLITE_DONE else { throw SQLStatement.failure(of: connection, status) }
        return
      }
      var row: [Value] = []
      for column in 0..<Int32(clamping: count) {
        switch SQLiteColumn.raw(statement.pointer, column) {
        case .null: row.append(.null)
        case .integer(let value): row.append(.integer(value))
        case .real(let value): row.append(.real(value))
        case .text(let bytes): row.append(.text(String(decoding: bytes, as: UTF8.self)))
        case .blob(let bytes): row.append(.blob(Array(bytes)))
        }
      }
      try body(row)
    }
  }

  /// The user's interrupt (Ctrl-C in the shell, `sqlite3_interrupt` in a host).
  package var isCancelled: (() -> Bool)? { { self.isInterrupted } }

  private func prefetchableQuery(of sql: String) throws(SibylError) -> (text: String, mentionsLimit: Bool) {
    let analysis = StatementAnalysis(sql)
    guard analysis.kind != .empty else {
      throw SibylError(.invalidArgument, "argument 1 (sql) must be a SQL statement; it is empty")
    }
    try check(sql)
    guard let queryPart = analysis.queryPart else {
      throw SibylError(
        .invalidArgument,
        "argument 1 (sql) must be a SELECT, INSERT, UPDATE, DELETE or CREATE TABLE AS with something to read")
    }
    return (queryPart, analysis.mentionsLimit)
  }

  /// The statement must be one that SQLite takes, so that a misspelt table is told now, and stand alone.
  private func check(_ sql: String) throws(SibylError) {
    var text = sql
    var pointer: OpaquePointer?
    var status = SQLITE_OK
    let hasMore = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var tail: UnsafePointer<CChar>?
        status = csqlite_prepare_v3(
          connection, characters.baseAddress, Int32(clamping: characters.count), 0, &pointer, &tail)
        guard let tail, let base = characters.baseAddress else { return false }
        let rest = UnsafeBufferPointer(rebasing: bytes[min(max(0, tail - base), bytes.count)...])
        return SQLTokenizer.tokens(of: Array(rest)).contains { $0.kind != .symbol(UInt8(ascii: ";")) }
      }
    }
    guard status == SQLITE_OK, let pointer else { throw SQLStatement.failure(of: connection, status) }
    let statement = SQLStatement(pointer)
    guard !hasMore else {
      throw SibylError(
        .invalidArgument,
        "argument 1 (sql) must be one statement; it holds several: call the function once for each")
    }
    guard csqlite_bind_parameter_count(statement.pointer) == 0 else {
      throw SibylError(
        .invalidArgument, "argument 1 (sql) must be a statement without parameters; write the values into it")
    }
  }
}

/// Watches for the user's interrupt (Ctrl-C in the shell, `sqlite3_interrupt` in a host) while calls are computed
/// and SQLite itself does not run.
final class PrefetchObserver: ReplayObserver {
  private let connection: OpaquePointer
  /// A statement that does nothing: on an interrupted connection it fails.
  private let probe: SQLStatement

  init(connection: OpaquePointer) throws(SibylError) {
    self.connection = connection
    probe = try SQLStatement("SELECT 1", on: connection)
  }

  var isCancelled: Bool {
    let status = csqlite_step(probe.pointer)
    csqlite_reset(probe.pointer)
    return status & 0xFF == SQLITE_INTERRUPT
  }

  func passBegins() {}
  func rowIsKnown(_ statement: OpaquePointer) {}
  func progress(_ progress: ReplayProgress) {}
}
