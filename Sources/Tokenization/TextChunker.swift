import Diagnostics

/// Cuts text into chunks of a bounded number of tokens, at the best places that the bound allows.
///
/// A chunk holds as many whole sentences as fit. A sentence that is longer than a chunk is cut at a line break or
/// behind clause punctuation, if there is one in the second half of what fits, else between words; a single word
/// longer than a chunk is cut between its tokens. White space at the ends of chunks is left out; every other
/// character of the text is in some chunk.
///
/// With an overlap, a chunk repeats the last words of the one before: as many whole words as fit in that number
/// of tokens. Sentences do not count here, so that a thought that runs across a cut is in one piece somewhere.
public struct TextChunker: Sendable {
  /// One scalar can become 3 tokens (the letters of a Hangul syllable), and a chunk must hold one.
  public static let leastTokens = 4

  public let tokenizer: WordPieceTokenizer
  public let maximumTokens: Int
  public let overlap: Int

  /// - Parameters:
  ///   - tokenizer: whose tokens are counted.
  ///   - maximumTokens: the tokens that a chunk may have, special tokens not counted; at least 4.
  ///   - overlap: the tokens of the chunk before that a chunk may repeat; from 0 to half of `maximumTokens`.
  /// - Throws: `.invalidArgument` for numbers outside those bounds.
  public init(tokenizer: WordPieceTokenizer, maximumTokens: Int, overlap: Int = 0) throws(SibylError) {
    guard maximumTokens >= Self.leastTokens else {
      throw SibylError(
        .invalidArgument,
        "expected chunks of at least \(Self.leastTokens) tokens, but got \(maximumTokens); pass a larger number "
          + "of tokens, 256 for example.")
    }
    guard overlap >= 0, overlap <= maximumTokens / 2 else {
      throw SibylError(
        .invalidArgument,
        "expected an overlap from 0 to \(maximumTokens / 2) tokens, half of a chunk's \(maximumTokens), but got "
          + "\(overlap); pass a smaller overlap.")
    }
    self.tokenizer = tokenizer
    self.maximumTokens = maximumTokens
    self.overlap = overlap
  }

  /// The chunks of a text, in order; none for a text of nothing but white space.
  public func chunks(of text: String) -> [TextChunk] {
    var chunks: [TextChunk] = []
    // Starts never go back, so characters are counted from one start to the next.
    var counted = (byte: 0, characters: 0)
    forEachChunk(of: text) { bytes, range, tokens in
      counted.characters += Self.characters(bytes, counted.byte..<range.lowerBound)
      counted.byte = range.lowerBound
      chunks.append(
        TextChunk(
          position: chunks.count,
          text: String(
            decoding: UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count),
            as: UTF8.self),
          start: counted.characters + 1, length: Self.characters(bytes, range), utf8Range: range,
          tokenCount: tokens.count))
    }
    return chunks
  }

  /// The tokens of each chunk of a text, in the order of `chunks(of:)`.
  ///
  /// A model that reads the chunks needs nothing else of them; encoding each chunk's text again would give the same
  /// tokens at twice the cost.
  public func tokensOfChunks(of text: String) -> [[Int32]] {
    var chunks: [[Int32]] = []
    forEachChunk(of: text) { _, _, tokens in chunks.append(tokens) }
    return chunks
  }

  /// Calls `body` with the text's UTF-8, and a chunk's range in it and tokens, for every chunk in order.
  private func forEachChunk(of text: String, _ body: (UnsafePointer<UInt8>, Range<Int>, [Int32]) -> Void) {
    var text = text
    text.withUTF8 { utf8 in
      guard let bytes = utf8.baseAddress else { return }
      var cutter = TextCutter(self, utf8)
      while let piece = cutter.next() {
        let range = WhiteSpace.trim(bytes, piece.range)
        if !range.isEmpty { body(bytes, range, piece.tokens) }
      }
    }
  }

  private static func characters(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Int {
    var count = 0
    for index in range where bytes[index] & 0xC0 != 0x80 { count &+= 1 }
    return count
  }
}
