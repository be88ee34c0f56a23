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
  /// - Parameters:
  ///   - adapter: a change of the weights, or nil for none.
  ///   - sibling: the same model in memory, with or without another change, whose tokenizer and embeddings this one
  ///     shares; nil reads them.
  /// - Throws: `.corruptFile` when a file is missing, damaged or of another architecture; `.invalidArgument` when the
  ///   adapter is for an encoder of other sizes.
  public init(
    _ model: InstalledModel, precision: Precision, adapter: LowRankAdapter? = nil,
    sibling: EncoderModel? = nil
  ) throws(SibylError) {
    if let sibling {
      tokenizer = sibling.tokenizer
      windows = sibling.windows
      encoder = try BertEncoder(
        model.safetensors(), sibling.encoder.configuration, precision: precision, adapter: adapter,
        sibling: sibling.encoder)
      return
    }
    let configuration = try Self.configuration(of: model)
    let tokenizerConfig = try Self.json("tokenizer_config.json", of: model)
    let pooling = try Self.json("1_Pooling/config.json", of: model)
    if let pooling, pooling["pooling_mode_mean_tokens"]?.booleanValue == false {
      throw SibylError(
        .corruptFile,
        "the model \"\(model.name)\" does not pool by the mean of its tokens; sibyl knows no other")
    }
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
    encoder = try BertEncoder(model.safetensors(), configuration, precision: precision, adapter: adapter)
  }

  /// The sizes of an installed encoder, from its `config.json`.
  ///
  /// - Throws: `.invalidArgument` for a model that is no encoder, `.corruptFile` as above.
  public static func configuration(of model: InstalledModel) throws(SibylError) -> BertConfiguration {
    guard model.manifest.kind == .encoder else {
      throw SibylError(
        .invalidArgument,
        "the model \"\(model.name)\" writes text; an embedding needs an encoder, such as minilm")
    }
    return try BertConfiguration(
      config: json("config.json", of: model) ?? .null,
      sentenceConfig: json("sentence_bert_config.json", of: model))
  }

  /// A JSON file of the model; nil where it has none of that name.
  private static func json(_ name: String, of model: InstalledModel) throws(SibylError) -> JSON? {
    guard model.contains(name) else { return nil }
    return try JSON.parse(model.file(name))
  }
}
