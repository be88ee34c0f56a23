import Diagnostics
import JSON

/// The sizes of a BERT encoder, from a checkpoint's `config.json` (and, where it is there,
/// `sentence_bert_config.json` for the longest input).
public struct BertConfiguration: Sendable, Hashable {
  public let vocabularySize: Int
  public let dimensions: Int
  public let layers: Int
  public let heads: Int
  public let intermediateDimensions: Int
  public let positions: Int
  public let normEpsilon: Float
  /// Tokens of a window, `[CLS]` and `[SEP]` included.
  public let windowLength: Int

  public var headDimensions: Int { dimensions / heads }

  /// Numbers in the matrices of all layers: queries, keys, values, attention's output, up and down.
  var weightsInLayers: Int { layers * dimensions * (4 * dimensions + 2 * intermediateDimensions) }

  /// - Throws: `.corruptFile` when a size is missing, out of range or of an architecture other than BERT.
  public init(config: JSON, sentenceConfig: JSON? = nil) throws(SibylError) {
    if let type = config["model_type"]?.stringValue, type != "bert" {
      throw SibylError(
        .corruptFile, "config.json describes a model of type \"\(type)\"; sibyl's encoder reads \"bert\"")
    }
    if let activation = config["hidden_act"]?.stringValue, activation != "gelu" {
      throw SibylError(
        .corruptFile, "config.json asks for the activation \"\(activation)\"; sibyl's encoder has \"gelu\"")
    }
    if let kind = config["position_embedding_type"]?.stringValue, kind != "absolute" {
      throw SibylError(
        .corruptFile, "config.json asks for \"\(kind)\" positions; sibyl's encoder has \"absolute\" ones")
    }
    func size(_ key: String, in range: ClosedRange<Int>) throws(SibylError) -> Int {
      guard let value = config[key]?.integerValue, range.contains(value) else {
        throw SibylError(
          .corruptFile,
          "config.json must hold \"\(key)\" as a whole number from \(range.lowerBound) to \(range.upperBound)"
        )
      }
      return value
    }
    vocabularySize = try size("vocab_size", in: 8...2_000_000)
    dimensions = try size("hidden_size", in: 32...8192)
    layers = try size("num_hidden_layers", in: 1...96)
    heads = try size("num_attention_heads", in: 1...256)
    intermediateDimensions = try size("intermediate_size", in: 32...65536)
    positions = try size("max_position_embeddings", in: 8...65536)
    guard dimensions % heads == 0 else {
      throw SibylError(
        .corruptFile, "config.json has \(dimensions) dimensions, which \(heads) heads can't share evenly")
    }
    let epsilon = config["layer_norm_eps"]?.numberValue ?? 1e-12
    guard epsilon >= 0, epsilon < 1 else {
      throw SibylError(.corruptFile, "config.json holds a \"layer_norm_eps\" outside 0..<1")
    }
    normEpsilon = Float(epsilon)
    let longest = sentenceConfig?["max_seq_length"]?.integerValue ?? positions
    windowLength = min(max(longest, 8), positions, 512)
  }
}
