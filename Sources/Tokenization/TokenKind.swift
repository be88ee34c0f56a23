/// What a vocabulary says about a token, by the numbers that GGUF files use (`tokenizer.ggml.token_type`).
public enum TokenKind: UInt8, Hashable, Sendable {
  case undefined = 0
  /// A piece of text.
  case normal = 1
  /// Stands for text that the vocabulary cannot spell.
  case unknown = 2
  /// Steers the model: where a message begins, where an answer ends. Text never becomes one.
  case control = 3
  /// A piece of text that is never cut, whatever the merges say.
  case userDefined = 4
  case unused = 5
  /// One byte, written `<0x0A>`.
  case byte = 6
}
