import Diagnostics
import Foundation
import ModelFiles
import Models
import Tokenization

/// Vocabularies of decoders: small ones beside the tests, and SmolLM2's own where it is installed.
enum DecoderFiles {
  static func fixture(_ name: String) -> URL? {
    Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)
  }

  static func file(_ name: String) throws -> GGUFFile {
    try GGUFFile(path: fixture(name)?.path ?? name)
  }

  /// SmolLM2's file: `$SIBYL_TEST_GGUF`, else from the model store.
  static let smolLM2: String? = {
    let path =
      Environment["SIBYL_TEST_GGUF"]
      ?? Environment.sibylHome + "/models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  static let absence: String =
    "SKIPPED: no SmolLM2. Run `sibyl models pull smollm2`, or set SIBYL_TEST_GGUF to its file."

  /// The small byte-level vocabulary, with another pre-tokeniser.
  static func small(_ preTokenizer: PreTokenizer) throws -> BytePairTokenizer {
    let file = try file("bpe-bytes.gguf")
    func strings(_ key: String) throws -> ByteStrings {
      let texts = try file.texts(key)
      return ByteStrings(bytes: texts.bytes, starts: texts.starts, lengths: texts.lengths) ?? ByteStrings()
    }
    var vocabulary = BytePairVocabulary(
      scheme: .byteLevel(preTokenizer, merges: try strings("tokenizer.ggml.merges")),
      tokens: try strings("tokenizer.ggml.tokens"),
      kinds: try file.integers("tokenizer.ggml.token_type").map { TokenKind(rawValue: UInt8($0)) ?? .normal })
    vocabulary.beginningID = 1
    vocabulary.endID = 2
    vocabulary.prefersWholeWords = preTokenizer == .llama3
    return try BytePairTokenizer(vocabulary, source: "bpe-bytes.gguf")
  }
}
