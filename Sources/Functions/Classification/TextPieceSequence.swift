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
  private var waiting: [TextChunk] = []

  init(of texts: [String], _ chunker: TextChunker) {
    self.texts = texts
    self.chunker = chunker
  }

  func next() -> EncoderInput? {
    if let chunk = waiting.popLast() { return give(chunk) }
    while position < texts.count {
      let text = texts[position]
      position += 1
      guard !text.isBlank else { continue }
      let tokens = chunker.tokenizer.encode(text)
      if tokens.count > chunker.maximumTokens {
        waiting = chunker.chunks(of: text).reversed()
        if let chunk = waiting.popLast() { return give(chunk) }
      }
      given.append(Piece(text: position - 1, weight: 1))
      return .tokens(tokens)
    }
    return nil
  }

  private func give(_ chunk: TextChunk) -> EncoderInput {
    given.append(Piece(text: position - 1, weight: Float(Swift.max(chunk.tokenCount, 1))))
    return .text(chunk.text)
  }
}
