/// A piece of a longer text, small enough for a model's window.
public struct TextChunk: Hashable, Sendable {
  /// The chunk's place among those of its text, from 0.
  public var position: Int
  public var text: String
  /// Where the chunk begins in its text, in characters as SQL counts them (Unicode scalars), from 1: so that
  /// `substr(body, start, length)` is `text`.
  public var start: Int
  /// The chunk's length in the same characters.
  public var length: Int
  /// The chunk's UTF-8 bytes in its text.
  public var utf8Range: Range<Int>
  /// The tokens that the chunk has when it is encoded alone, without special tokens.
  public var tokenCount: Int
}
