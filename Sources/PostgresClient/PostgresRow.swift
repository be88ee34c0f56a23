/// One row of an answer that is read row by row; valid inside the closure that it was handed to.
public struct PostgresRow {
  private let result: PostgresResult
  public let columns: [PostgresColumn]

  init(_ result: PostgresResult, columns: [PostgresColumn]) {
    self.result = result
    self.columns = columns
  }

  /// A value's text form; nil for NULL and for a column that is not there.
  public subscript(column: Int) -> String? { result.text(row: 0, column: column) }

  /// The bytes of a value's text form, without a copy; nil for NULL and for a column that is not there.
  public func withBytes<Answer>(of column: Int, _ body: (UnsafeRawBufferPointer?) -> Answer) -> Answer {
    body(result.bytes(row: 0, column: column))
  }
}
