/// What a decoder has done since it was loaded.
public struct GenerationCounters: Hashable, Sendable {
  /// Tokens that were read: those of prompts, and those that were written, to go on behind them.
  public var readTokens = 0
  /// Those of them that were read once for all prompts that begin with them, such as a query's instruction.
  public var prefixTokens = 0
  /// Tokens of prompts that did not have to be read, because another prompt began with the same.
  public var sharedTokens = 0
  /// Tokens that were written.
  public var writtenTokens = 0
  /// Passes of the decoder.
  public var steps = 0

  public init() {}

  mutating func add(_ other: GenerationCounters) {
    readTokens += other.readTokens
    prefixTokens += other.prefixTokens
    sharedTokens += other.sharedTokens
    writtenTokens += other.writtenTokens
    steps += other.steps
  }
}
