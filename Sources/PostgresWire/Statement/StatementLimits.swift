/// How large a query string may be in what it holds; its length in bytes is bounded by the message's.
package struct StatementLimits: Hashable, Sendable {
  /// Statements in one query string.
  package var statements = 1_000
  /// Arguments of a call; PostgreSQL's own limit (`FUNC_MAX_ARGS`).
  package var arguments = 100
  /// Elements of all arrays of one query string.
  package var arrayElements = 2_000_000

  package init() {}
}
