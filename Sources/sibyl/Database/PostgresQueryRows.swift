import Diagnostics
import Functions
import PostgresBridge
import PostgresClient

/// Reads the rows of a query of a PostgreSQL database, its AI calls computed in batches first, for a report about them.
struct PostgresQueryRows: FunctionHost {
  let dsn: PostgresDSN
  let interruption: Interruption

  /// Reading does that too.
  func prefetch(_ sql: String, budget: WorkBudget) throws(SibylError) -> String { "{}" }

  func readRows(
    of sql: String, columns: ClosedRange<Int>, _ body: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError) {
    var failure: SibylError?
    var count: Int?
    func check(_ found: Int) {
      count = found
      do throws(SibylError) { try require(columns, of: found) } catch { failure = error }
    }
    do throws(PostgresError) {
      let interruption = interruption
      _ = try BulkRun(dsn: dsn, isCancelled: { interruption.isRequested }, onProgress: { _ in }).run(
        sql, columns: { check($0.count) },
        row: { row in
          guard failure == nil else { return false }
          do throws(SibylError) {
            try body(row.columns.indices.map { Self.value(row[$0], isNumber: $0 == 2) })
          } catch { failure = error }
          return failure == nil
        })
    } catch { throw error.error }
    if let failure { throw failure }
    guard count != nil else {
      throw SibylError(
        .invalidArgument, "argument 1 (sql) must be a SELECT; this statement gives no rows to read")
    }
  }

  private static func value(_ text: String?, isNumber: Bool) -> Value {
    guard let text else { return .null }
    if isNumber, let number = Double(text) { return .real(number) }
    return .text(text)
  }
}
