/// How far an answer has come in a grammar.
struct GrammarState: Hashable, Sendable {
  var node: Int32
  /// Inside a string, its `StringPhase`; inside a number, its `NumberRule.Part`; else 0.
  var phase: UInt8 = 0
  var isNegative = false
  /// The string's characters or the number's digits.
  var count: Int32 = 0
  /// The number's digits as one number, where its rule asks for them.
  var value: Int64 = 0
  /// How many elements the arrays around this place have begun, by their level.
  var elements = SIMD8<UInt16>()

  /// How deep arrays may lie in each other.
  static let arrayLevels = 8
}
