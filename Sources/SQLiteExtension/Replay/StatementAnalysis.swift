/// What one SQL statement is, and its *query part*: the SELECT that makes the statement's AI calls without
/// writing anything.
///
/// | statement | query part |
/// |---|---|
/// | `SELECT …`, `VALUES …`, `WITH … SELECT …` | the statement itself |
/// | `CREATE TABLE t AS SELECT …` | the SELECT |
/// | `INSERT INTO t SELECT …`, `REPLACE INTO t VALUES …` | the SELECT or VALUES |
/// | `UPDATE t SET a = e FROM u WHERE w` | `SELECT e FROM t, u WHERE w` |
/// | `DELETE FROM t WHERE w RETURNING e` | `SELECT e FROM t WHERE w` |
///
/// Replay uses the query part to learn which calls a statement will make. It is only ever an optimisation:
/// calls that it misses (in an upsert, in RETURNING after an UPDATE, in a trigger) are computed row by row when
/// the statement runs, and a query part that SQLite does not accept is not used.
package struct StatementAnalysis: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// No token at all: blanks, comments, semicolons.
    case empty
    /// SELECT or VALUES, with or without WITH: its rows are the answer.
    case query
    case createTableAs
    /// INSERT or REPLACE.
    case insert
    case update
    case delete
    /// EXPLAIN or EXPLAIN QUERY PLAN of anything.
    case explain
    /// Everything else: CREATE VIEW, PRAGMA, BEGIN, ATTACH, …
    case other
  }

  package let kind: Kind
  /// The statement from its first token to its last, without semicolons.
  package let text: String
  /// Nil where the statement makes no AI calls that could be learnt without running it.
  package let queryPart: String?
  /// Whether the word LIMIT stands anywhere in the statement: then a query may need far fewer rows than a pass
  /// with unknown answers would read.
  package let mentionsLimit: Bool

  /// Analyses one statement; a trailing semicolon is allowed. Text after it is ignored.
  package init(_ sql: String) {
    var reader = StatementReader(sql)
    mentionsLimit = reader.contains("LIMIT")
    text = reader.statementText
    (kind, queryPart) = reader.analyse()
  }
}
