import CPostgres

/// The answer of a statement: rows of nullable texts, in memory.
public struct PostgresRows: Sendable {
  private let result: PostgresResult
  public let columns: [PostgresColumn]

  init(_ result: PostgresResult) {
    self.result = result
    columns = result.columns
  }

  /// The number of rows.
  public var count: Int { result.rowCount }

  /// A value's text form; nil for NULL and for a place outside the answer.
  public subscript(row: Int, column: Int) -> String? { result.text(row: row, column: column) }

  /// The value of the first row and column; nil where that is NULL or there is no row.
  public var first: String? { self[0, 0] }

  /// All rows.
  public var rows: [[String?]] {
    (0..<count).map { row in columns.indices.map { column in self[row, column] } }
  }

  /// What the server says it did: `SELECT 3`, `INSERT 0 5`, `CREATE TABLE`.
  public var commandTag: String { PQcmdStatus(result.pointer).map { String(cString: $0) } ?? "" }

  /// How many rows an INSERT, UPDATE, DELETE or SELECT was about, otherwise 0.
  public var affectedRows: Int {
    PQcmdTuples(result.pointer).flatMap { Int(String(cString: $0)) } ?? 0
  }
}
