/// One call of a function, as a statement asked for it.
public struct WireCall: Hashable, Sendable {
  /// Whether the statement was `SELECT f(…)` or `SELECT * FROM f(…)`.
  public enum Form: Hashable, Sendable {
    case scalar
    case table
  }

  /// The function's name without its schema; unquoted names are folded to lower case.
  public var name: String
  public var arguments: [WireArgument]
  public var form: Form
  /// The alias, where one is given. The wire names the result column of a scalar call after it.
  public var alias: String?

  public init(_ name: String, _ arguments: [WireArgument], form: Form = .scalar, alias: String? = nil) {
    self.name = name
    self.arguments = arguments
    self.form = form
    self.alias = alias
  }
}
