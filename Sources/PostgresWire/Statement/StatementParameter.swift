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
