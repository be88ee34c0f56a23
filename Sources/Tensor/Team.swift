/// Cores that help with one forward pass. Whoever owns the threads provides it (module Inference); layers
/// only say which parts of their work are independent.
public protocol Team: AnyObject, Sendable {
  /// How many parts can run at once.
  var cores: Int { get }

  /// Runs `body(0)`, …, `body(parts - 1)`, each once, in any order and at the same time, and returns when
  /// all are done.
  func run(parts: Int, _ body: @escaping (Int) -> Void)
}
