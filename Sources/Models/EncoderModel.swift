import Diagnostics
import JSON
import ModelFiles
import Tensor
import Tokenization

/// An encoder together with the tokenizer that it was trained with, read from the model store.
public struct EncoderModel: Sendable {
  public let encoder: BertEncoder
  public let tokenizer: WordPieceTokenizer
  public let windows: TextWindows

  /// Reads `config.json`, `vocab.txt` and the weights.
  ///
  /// - Throws: `.corruptFile` when a file is missing, damaged or of another architecture.
  public init(_ model: InstalledModel, precision: Precision) throws(SibylError) {
    guard model.manifest.kind == .encoder else {
      throw SibylError(
        .invalidArgument,
        "the model \"\(model.name)\" writes text; an embedding needs an encoder, such as minilm")
    }
    func json(_ name: String) throws(SibylError) -> JSON? {
      guard model.contains(name) else { return nil }
      return try JSON.parse(model.file(name))
    }
    let config = try json("config.json") ?? .null
    let tokenizerConfig = try json("tokenizer_config.json")
    let pooling = try json("1_Pooling/config.json")
    if let pooling, pooling["pooling_mode_mean_tokens"]?.booleanValue == false {
      throw SibylError(
        .corruptFile,
        "the model \"\(model.name)\" does not pool by the mean of its tokens; sibyl knows no other")
    }
    let configuration = try BertConfiguration(
      config: config, sentenceConfig: json("sentence_bert_config.json"))
    tokenizer = try WordPieceTokenizer(
      vocabulary: model.file("vocab.txt"),
      options: WordPieceOptions(
        lowercase: tokenizerConfig?["do_lower_case"]?.booleanValue ?? true,
        stripsAccents: tokenizerConfig?["strip_accents"]?.booleanValue))
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw SibylError(
        .corruptFile,
        "vocab.txt has \(tokenizer.vocabularySize) pieces, the model only \(configuration.vocabularySize)")
    }
    windows = TextWindows(
      windowLength: configuration.windowLength, classifierID: tokenizer.classifierID,
      separatorID: tokenizer.separatorID)
    encoder = try BertEncoder(model.safetensors(), configuration, precision: precision)
  }
}
