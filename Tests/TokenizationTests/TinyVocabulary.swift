import Testing
import Tokenization

/// A vocabulary small enough to reason about, so that most tests need no model.
enum TinyVocabulary {
  static let specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
  static let letters = "abcdefghijklmnopqrstuvwxyz0123456789".map { String($0) }
  static let words = [
    "un", "##aff", "##able", "able", "hello", "world", "cafe", "中", "国", "한", "é", "É", "##É", "ß", "##ß",
    "σ",
    "##σ", "##ς", "ᄒ", "##ᅡ", "##ᆫ", "##ᅥ", "i̇", "naïve", "Hello", "##ᄒ", "\u{302E}", "##\u{302E}",
    "\u{1D165}", "##\u{1D165}", "!", ".", ",",
    "?", "[", "]", "'", "-", "。", "longer", "##er", "##est", "sentence", "the",
  ]

  static var pieces: [String] { specials + letters + letters.map { "##" + $0 } + words }

  static func bytes(_ pieces: [String]) -> [UInt8] { Array(pieces.joined(separator: "\n").utf8) }

  static func tokenizer(_ options: WordPieceOptions = WordPieceOptions()) throws -> WordPieceTokenizer {
    try WordPieceTokenizer(vocabulary: bytes(pieces), options: options)
  }

  /// The pieces that a text becomes, spelled out.
  static func pieces(of text: String, options: WordPieceOptions = WordPieceOptions()) throws -> [String] {
    let tokenizer = try tokenizer(options)
    return try tokenizer.encode(text).map { try #require(tokenizer.piece($0)) }
  }
}
