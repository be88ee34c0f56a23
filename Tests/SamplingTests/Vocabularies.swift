import Diagnostics
import Foundation
import ModelFiles
import Models
import Sampling
import Tokenization

/// Vocabularies to constrain: the tokenizer tests' small ones, and SmolLM2's own where it is installed.
enum Vocabularies {
  /// The tests of the tokenizer lie beside these.
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "TokenizationTests/Fixtures")

  static func file(_ name: String) throws -> BytePairTokenizer {
    try BytePairTokenizer(GGUFFile(path: name.hasPrefix("/") ? name : fixtures.appending(path: name).path))
  }

  /// Byte-level: every byte is a token, and a few hundred merges.
  static func byteLevel() throws -> ConstraintVocabulary { try ConstraintVocabulary(file("bpe-bytes.gguf")) }

  /// SentencePiece, with tokens for single bytes.
  static func pieces() throws -> ConstraintVocabulary { try ConstraintVocabulary(file("bpe-pieces.gguf")) }

  /// SmolLM2's file: `$SIBYL_TEST_GGUF`, else from the model store.
  static let smolLM2: String? = {
    let path =
      Environment["SIBYL_TEST_GGUF"]
      ?? Environment.sibylHome + "/models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  static let absence: String =
    "SKIPPED: no SmolLM2. Run `sibyl models pull smollm2`, or set SIBYL_TEST_GGUF to its file."

  /// A byte-level vocabulary whose tokens are ASCII alone, with an end token.
  static func ascii(_ more: [String] = []) throws -> BytePairTokenizer {
    let single = (UInt8(0x21)...0x7E).map { String(Character(Unicode.Scalar($0))) }
    // `Ġ` is how the byte-level alphabet writes a space.
    let tokens = single + ["Ġ"] + more + ["<|im_end|>"]
    var vocabulary = BytePairVocabulary(
      scheme: .byteLevel(.gpt2, merges: ByteStrings([String]())), tokens: ByteStrings(tokens),
      kinds: [TokenKind](repeating: .normal, count: tokens.count - 1) + [.control])
    vocabulary.endID = Int32(tokens.count - 1)
    return try BytePairTokenizer(vocabulary, source: "test")
  }
}
