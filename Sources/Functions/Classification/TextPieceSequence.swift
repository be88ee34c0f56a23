import Inference
import Tokenization

/// Texts as an encoder should read them: short ones whole, longer ones in the pieces of a chunker, blank ones not at all.
/// Each text is looked at when its turn has come, and its tokens are made once.
///
/// Threads: the one that iterates.
final class TextPieceSequence: Sequence, IteratorProtocol {
  /// A piece that was given.
  struct Piece {
    /// The text's position among all.
    let text: Int
    /// What the piece counts for among the text's pieces.
    let weight: Float
  }

  /// What each input belongs to, in the order in which they were given.
  private(set) var given: [Piece] = []
  private let texts: [String]
  private let chunker: TextChunker
  private var position = 0
  /// Pieces of the last text that are still to come, the first one last.
  private var waiting: [[Int32]] = []
  /// Whether the last text is one piece, whose answer stays as it is.
  private var isWhole = false

  init(of texts: [String], _ chunker: TextChunker) {
    self.texts = texts
    self.chunker = chunker
  }

  func next() -> EncoderInput? {
    while waiting.isEmpty {
      guard position < texts.count else { return nil }
      if !texts[position].isBlank { waiting = chunker.tokensOfChunks(of: texts[position]).reversed() }
      isWhole = waiting.count == 1
      position += 1
    }
    let tokens = waiting.removeLast()
    given.append(Piece(text: position - 1, weight: isWhole ? 1 : Float(Swift.max(tokens.count, 1))))
    return .tokens(tokens)
  }
}
