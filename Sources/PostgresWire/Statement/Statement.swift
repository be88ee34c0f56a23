/// One statement of the grammar that the server takes.
package enum Statement: Hashable, Sendable {
  case call(CallStatement)
  /// `SELECT <literal>`, with the argument that stands for it.
  case literal(CallStatement)
  /// `SET name = value`; nil stands for DEFAULT.
  case set(name: String, value: String?)
  /// `RESET name`; nil stands for ALL.
  case reset(name: String?)
  /// `SHOW name`; nil stands for ALL.
  case show(name: String?)
  case begin
  case commit
  case rollback
  /// `DISCARD ALL`, which forgets everything, or a part that there is nothing of.
  case discard(tag: String)
  /// `DEALLOCATE name`; nil stands for ALL.
  case deallocate(name: String?)
  /// Accepted without effect: what drivers send when they clean a session up (`CLOSE ALL`, `UNLISTEN *`).
  case nothing(tag: String)

  /// The parameters that must be bound before the statement can run.
  var parameters: [StatementParameter] {
    switch self {
    case .call(let statement), .literal(let statement): statement.parameters
    default: []
    }
  }
}

/// A call whose parameters are not bound yet: their arguments are NULL so far.
package struct CallStatement: Hashable, Sendable {
  package var call: WireCall
  package var parameters: [StatementParameter] = []
}

/// A place in a call's arguments where a parameter belongs.
package struct StatementParameter: Hashable, Sendable {
  /// The argument's place, from 0.
  package var argument: Int
  /// The parameter's number less one: `$1` is 0.
  package var index: Int
  /// The cast behind it, by its canonical name.
  package var castName: String?

  package init(argument: Int, index: Int, castName: String?) {
    self.argument = argument
    self.index = index
    self.castName = castName
  }
}
