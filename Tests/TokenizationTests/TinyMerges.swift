import Tokenization

/// Byte-level vocabularies made for a test: every byte, then what is given.
enum TinyMerges {
  /// The letter of the byte-level alphabet that stands for a byte (Radford et al. 2019, `bytes_to_unicode`).
  static let letters: [String] = {
    var letters: [String] = []
    var next: UInt32 = 0x100
    for byte in UInt32(0)..<256 {
      let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
      let scalar = Unicode.Scalar(isPrintable ? byte : next)
      if !isPrintable { next += 1 }
      letters.append(scalar.map(String.init) ?? "")
    }
    return letters
  }()

  static func spell(_ bytes: some Sequence<UInt8>) -> String { bytes.map { letters[Int($0)] }.joined() }
  static func spell(_ text: String) -> String { spell(text.utf8) }

  /// Bytes are tokens 0 to 255.
  static func vocabulary(
    _ preTokenizer: PreTokenizer = .gpt2, merges: [String] = [], tokens: [String] = [],
    others: [(String, TokenKind)] = []
  ) -> BytePairVocabulary {
    BytePairVocabulary(
      scheme: .byteLevel(preTokenizer, merges: ByteStrings(merges)),
      tokens: ByteStrings(letters + tokens + others.map(\.0)),
      kinds: [TokenKind](repeating: .normal, count: 256 + tokens.count) + others.map(\.1))
  }

  static func tokenizer(
    _ preTokenizer: PreTokenizer = .gpt2, merges: [String] = [], tokens: [String] = [],
    others: [(String, TokenKind)] = []
  ) throws -> BytePairTokenizer {
    try BytePairTokenizer(
      vocabulary(preTokenizer, merges: merges, tokens: tokens, others: others), source: "test")
  }
}
