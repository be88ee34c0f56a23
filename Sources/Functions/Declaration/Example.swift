/// A statement and its answer: documentation that a test runs.
public struct Example: Hashable, Sendable {
  /// One SQL statement, as a user would type it into the shell.
  public let sql: String
  /// What the shell prints in its `list` mode; nil where that depends on the machine.
  public let answer: String?

  public init(_ sql: String, gives answer: String?) {
    self.sql = sql
    self.answer = answer
  }
}
