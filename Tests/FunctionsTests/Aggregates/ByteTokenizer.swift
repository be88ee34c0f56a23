import Tokenization

/// A tokenizer with a token a byte.
enum ByteTokenizer {
  static func make() throws -> BytePairTokenizer {
    var letters: [String] = []
    var next: UInt32 = 0x100
    for byte in UInt32(0)..<256 {
      // The byte-level alphabet (Radford et al. 2019, `bytes_to_unicode`).
      let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
      letters.append(Unicode.Scalar(isPrintable ? byte : next).map(String.init) ?? "")
      if !isPrintable { next += 1 }
    }
    return try BytePairTokenizer(
      BytePairVocabulary(
        scheme: .byteLevel(.gpt2, merges: ByteStrings([])), tokens: ByteStrings(letters),
        kinds: [TokenKind](repeating: .normal, count: 256)), source: "test")
  }
}
