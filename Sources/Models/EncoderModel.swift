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

  /// The model with an adapter's change added to its weights. It shares the tokenizer and the embeddings of the plain
  /// one.
  ///
  /// - Parameter model: the files of `base`.
  /// - Throws: `.invalidArgument` when the adapter is for an encoder of other sizes; what reading the weights throws.
  public init(
    adapting base: EncoderModel, _ model: InstalledModel, _ adapter: LowRankAdapter
  ) throws(SibylError) {
    tokenizer = base.tokenizer
    windows = base.windows
    encoder = try BertEncoder(adapting: base.encoder, model.safetensors(), adapter)
  }
}
