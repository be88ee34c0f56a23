import CPostgres
import Diagnostics

extension PostgresConnection {
  /// Runs one statement and returns its whole answer.
  /// - Throws: the server's error, with its SQLSTATE; or a lost connection.
  @discardableResult public func query(
    _ sql: String, _ parameters: [PostgresParameter] = []
  ) throws(PostgresError) -> PostgresRows {
    try check(sql)
    let isSent = try ParameterBuffer(parameters).withPointers { count, types, values, lengths, formats in
      PQsendQueryParams(pointer, sql, count, types, values, lengths, formats, 0)
    }
    return PostgresRows(try result(afterSending: isSent))
  }

  /// Runs statements that stand in one text, separated by semicolons, as one transaction where the text does
  /// not say otherwise; their answers are dropped.
  public func runScript(_ sql: String) throws(PostgresError) {
    try check(sql)
    _ = try result(afterSending: PQsendQuery(pointer, sql))
  }

  /// Runs one statement and hands over its rows one by one, so that an answer of any size takes little
  /// memory.
  /// - Parameter body: takes a row; false ends the statement.
  /// - Throws: the server's error, perhaps after some rows were handed over.
  public func forEachRow(
    _ sql: String, _ parameters: [PostgresParameter] = [], _ body: (PostgresRow) -> Bool
  ) throws(PostgresError) {
    _ = try run(sql, parameters, columns: { _ in }, row: body)
  }

  /// The same, and tells the columns first, also where there are no rows.
  /// - Parameter columns: called once, before the first row, for a statement that returns rows.
  /// - Returns: what the server says it did, without rows; nil where `row` ended the statement.
  @discardableResult public func run(
    _ sql: String, _ parameters: [PostgresParameter] = [], columns tellColumns: ([PostgresColumn]) -> Void,
    row body: (PostgresRow) -> Bool
  ) throws(PostgresError) -> PostgresRows? {
    try check(sql)
    let isSent = try ParameterBuffer(parameters).withPointers { count, types, values, lengths, formats in
      PQsendQueryParams(pointer, sql, count, types, values, lengths, formats, 0)
    }
    guard isSent == 1, PQsetSingleRowMode(pointer) == 1 else { throw connectionFault() }
    // Whatever happens, the rest of the answer is read: otherwise the connection could not be used again.
    defer { drain() }
    var columns: [PostgresColumn]?
    var last: PostgresRows?
    while let answer = PQgetResult(pointer) {
      let result = PostgresResult(answer)
      if result.status != PGRES_SINGLE_TUPLE { try check(result) }
      if columns == nil, result.columnCount > 0 {
        columns = result.columns
        tellColumns(result.columns)
      }
      guard result.status == PGRES_SINGLE_TUPLE else {
        last = PostgresRows(result)
        continue
      }
      guard body(PostgresRow(result, columns: columns ?? [])) else {
        canceller()?.cancel()
        return nil
      }
    }
    return last
  }

  /// The last answer to what was sent, or the first error: when the server ends the connection, its reason
  /// comes before libpq's complaint that it did.
  private func result(afterSending isSent: Int32) throws(PostgresError) -> PostgresResult {
    guard isSent == 1 else { throw connectionFault() }
    var last: PostgresResult?
    while let answer = PQgetResult(pointer) {
      let result = PostgresResult(answer)
      do throws(PostgresError) {
        try check(result)
      } catch {
        drain()
        throw isLost ? error.withConnectionLost() : error
      }
      last = result
    }
    guard let last else { throw connectionFault() }
    return last
  }

  /// Reads what is left of an answer.
  private func drain() {
    while let rest = PQgetResult(pointer) {
      switch PQresultStatus(rest) {
      case PGRES_COPY_IN, PGRES_COPY_BOTH: PQputCopyEnd(pointer, "COPY is not supported here")
      case PGRES_COPY_OUT: discardCopiedRows()
      default: break
      }
      PQclear(rest)
    }
  }

  private func discardCopiedRows() {
    var row: UnsafeMutablePointer<CChar>?
    while PQgetCopyData(pointer, &row, 0) > 0 {
      PQfreemem(row)
      row = nil
    }
  }

  private func check(_ sql: String) throws(PostgresError) {
    guard sql.utf8.contains(0) else { return }
    throw PostgresError(
      SibylError(.invalidArgument, "the statement holds a NUL character; remove it"), sqlState: "22021")
  }

  private func check(_ result: PostgresResult) throws(PostgresError) {
    switch result.status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
      return
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      throw PostgresError(
        SibylError(.invalidArgument, "COPY is not supported here; use SELECT or INSERT"), sqlState: "0A000")
    default:
      // Without an SQLSTATE the error is libpq's own: the connection broke.
      guard let sqlState = ErrorField.sqlState.read(result.pointer) else { throw connectionFault() }
      throw PostgresError(
        sqlState: sqlState,
        message: ErrorField.message.read(result.pointer) ?? "the server reported an error",
        detail: ErrorField.detail.read(result.pointer), hint: ErrorField.hint.read(result.pointer))
    }
  }

  private func connectionFault() -> PostgresError {
    let reason = libpqSentence(PQerrorMessage(pointer))
    return PostgresError(
      SibylError(
        .unavailable, "the connection to \(dsn) is lost: \(reason.isEmpty ? "no reason given" : reason)"),
      sqlState: "08006", isConnectionLost: isLost)
  }
}

extension PostgresError {
  fileprivate func withConnectionLost() -> PostgresError {
    PostgresError(error, sqlState: sqlState, detail: detail, hint: hint, isConnectionLost: true)
  }
}
