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
