/// A statement and its answer: documentation that a test runs.
public struct Example: Hashable, Sendable {
  /// A statement in the SQL of one database.
  public struct Statement: Hashable, Sendable {
    /// One SQL statement, as a user would type it into the shell.
    public let sql: String
    /// What the shell prints; nil where that depends on the machine.
    public let answer: String?

    public init(_ sql: String, gives answer: String?) {
      self.sql = sql
      self.answer = answer
    }
  }

  /// For SQLite; the answer as its shell prints it in `list` mode.
  public let sqlite: Statement
  /// For PostgreSQL; the answer as `psql --tuples-only --no-align` prints it.
  public let postgres: Statement

  public var sql: String { sqlite.sql }
  public var answer: String? { sqlite.answer }

  /// - Parameter postgres: what says the same to PostgreSQL; nil where that is the same statement with the
  ///   same answer.
  public init(_ sql: String, gives answer: String?, postgres: Statement? = nil) {
    sqlite = Statement(sql, gives: answer)
    self.postgres = postgres ?? sqlite
  }

  /// An example whose statement is the same in PostgreSQL, where the answer is printed in another way: `t`
  /// for `1`.
  public init(_ sql: String, gives answer: String, inPostgres postgresAnswer: String) {
    self.init(sql, gives: answer, postgres: Statement(sql, gives: postgresAnswer))
  }
}
