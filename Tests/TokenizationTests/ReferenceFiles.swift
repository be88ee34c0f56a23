import Diagnostics
import Foundation
import Tokenization

/// Finds what the tests read from outside the repository.
enum ReferenceFiles {
  /// all-MiniLM-L6-v2's vocab.txt: `$SIBYL_TEST_VOCAB`, else from the model store.
  static let vocabulary: [UInt8]? = {
    let path = Environment["SIBYL_TEST_VOCAB"] ?? Environment.sibylHome + "/models/minilm/vocab.txt"
    return FileManager.default.contents(atPath: path).map { [UInt8]($0) }
  }()

  /// The tokenizer of all-MiniLM-L6-v2, where its vocabulary is at hand.
  static let tokenizer: WordPieceTokenizer? = vocabulary.flatMap { try? WordPieceTokenizer(vocabulary: $0) }

  static let absence: String =
    "SKIPPED: no vocabulary. Run `sibyl models pull minilm`, or set SIBYL_TEST_VOCAB to a vocab.txt."

  /// The folder with data sets beside the repository, or `$SIBYL_SHARED_DATA`.
  static let sharedData: String = {
    if let folder = Environment["SIBYL_SHARED_DATA"] { return folder }
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return repository.deletingLastPathComponent().appendingPathComponent("shared/data").path
  }()

  static let golden = FileManager.default.contents(atPath: sharedData + "/golden/minilm_l6_v2.json")

  static let cases = Bundle.module.url(forResource: "Fixtures/reference", withExtension: "json")
    .flatMap { try? Data(contentsOf: $0) }
}
