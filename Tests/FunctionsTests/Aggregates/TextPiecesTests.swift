import Functions
import TestSupport
import Testing
import Tokenization

/// Texts packed into pieces that a model can read.
@Suite struct TextPiecesTests {
  /// The pieces are all texts, in their order, and none is longer than it may be.
  @Test func nothingIsLostOrMoved() throws {
    let tokenizer = try ByteTokenizer.make()
    var random = SeededGenerator(seed: 6)
    let words = ["a", "word", "sentence. ", "naïve ", "日本", "\n\n", "  ", "unbelievably-long-word "]
    for _ in 0..<300 {
      let limit = Int.random(in: 16...80, using: &random)
      let texts = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        (0..<Int.random(in: 0...30, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
          .joined()
      }
      let pieces = TextPieces.pieces(of: texts, mark: "- ", atMost: limit, tokenizer: tokenizer)
      for piece in pieces { #expect(tokenizer.encode(piece).count <= limit) }
      // Apart from the line breaks between texts, which a piece's end stands for as well.
      func bare(_ text: String) -> [Character] { text.filter { $0 != "\n" }.map { $0 } }
      #expect(bare(pieces.joined()) == bare(texts.map { "- " + $0 }.joined()))
    }
  }

  @Test func textsShareAPieceWhileTheyFit() throws {
    let tokenizer = try ByteTokenizer.make()
    func pieces(_ texts: [String], _ limit: Int) -> [String] {
      TextPieces.pieces(of: texts, mark: "- ", atMost: limit, tokenizer: tokenizer)
    }
    #expect(pieces([], 20) == [])
    #expect(pieces(["abc", "def"], 12) == ["- abc\n- def"])
    #expect(pieces(["abc", "def"], 11) == ["- abc", "- def"])
    #expect(pieces(["abc", "One. Two. Three.", "x"], 12) == ["- abc", "- One. Two. ", "Three.\n- x"])
  }
}
