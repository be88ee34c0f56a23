import Diagnostics
import ModelFiles

/// The sizes of a decoder of the Llama family, from a GGUF file's metadata (`llama.…`, `qwen2.…`, `qwen3.…`).
public struct LlamaConfiguration: Sendable, Hashable {
  /// What the members of the family differ in.
  public enum Architecture: String, Sendable, Hashable, CaseIterable {
    /// Touvron et al. 2023; SmolLM2 and Mistral are of this kind too.
    case llama
    /// Yang et al. 2024: queries, keys and values have biases.
    case qwen2
    /// Yang et al. 2025: each head's queries and keys are normalised.
    case qwen3
  }

  public let architecture: Architecture
  public let vocabularySize: Int
  public let dimensions: Int
  public let layers: Int
  /// Query heads.
  public let heads: Int
  /// Heads of keys and values, each of which serves `heads / cacheHeads` query heads.
  public let cacheHeads: Int
  public let headDimensions: Int
  public let intermediateDimensions: Int
  /// The longest text that the model was trained for, in tokens.
  public let contextLength: Int
  public let normEpsilon: Float
  public let rotary: RotaryConfiguration

  /// Queries, keys and values side by side.
  public var projectedDimensions: Int { (heads + 2 * cacheHeads) * headDimensions }

  /// - Throws: `corruptFile` where a size is missing, out of range or contradicts another; `invalidArgument`
  ///   where the model is of a kind that Sibyl does not compute.
  public init(_ file: GGUFFile) throws(SibylError) {
    let name = try file.text("general.architecture")
    guard let architecture = Architecture(rawValue: name) else {
      let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
      throw SibylError(
        .invalidArgument,
        "\(file.path) holds a model of the architecture \"\(name.prefix(40))\"; sibyl generates text with \(known)"
      )
    }
    self.architecture = architecture
    func size(
      _ key: String, in range: ClosedRange<Int>, otherwise: Int? = nil
    ) throws(SibylError) -> Int {
      let found = try file.integerIfPresent("\(name).\(key)") ?? otherwise
      guard let value = found, range.contains(value) else {
        throw SibylError(
          .corruptFile,
          "\(file.path) must hold the metadata \"\(name).\(key)\" as a whole number from \(range.lowerBound) to "
            + "\(range.upperBound)\(found.map { ", not \($0)" } ?? "")")
      }
      return value
    }
    dimensions = try size("embedding_length", in: 32...65_536)
    layers = try size("block_count", in: 1...1024)
    heads = try size("attention.head_count", in: 1...1024)
    cacheHeads = try size("attention.head_count_kv", in: 1...1024, otherwise: heads)
    headDimensions = try size("attention.key_length", in: 32...1024, otherwise: dimensions / heads)
    let valueDimensions = try size("attention.value_length", in: 32...1024, otherwise: headDimensions)
    intermediateDimensions = try size("feed_forward_length", in: 32...262_144)
    contextLength = try size("context_length", in: 8...16_777_216)
    guard
      heads % cacheHeads == 0, valueDimensions == headDimensions, headDimensions % 32 == 0,
      dimensions % 32 == 0, intermediateDimensions % 32 == 0
    else {
      throw SibylError(
        .invalidArgument,
        "\(file.path) has \(heads) query heads on \(cacheHeads) key heads of \(headDimensions) dimensions "
          + "(values: \(valueDimensions)), width \(dimensions) and \(intermediateDimensions) inside; sibyl computes "
          + "whole groups of heads and sizes that are multiples of 32")
    }
    guard try (file.integerIfPresent("\(name).expert_count") ?? 0) == 0 else {
      throw SibylError(
        .invalidArgument, "\(file.path) is a mixture of experts; sibyl computes models without them")
    }
    let epsilon = try file.number("\(name).attention.layer_norm_rms_epsilon")
    guard epsilon >= 0, epsilon < 1 else {
      throw SibylError(
        .corruptFile, "\(file.path) holds \"\(name).attention.layer_norm_rms_epsilon\" outside 0..<1")
    }
    normEpsilon = Float(epsilon)
    rotary = try RotaryConfiguration(
      file, architecture: name, headDimensions: headDimensions, contextLength: contextLength)

    let embeddings = try file.description(of: "token_embd.weight")
    guard
      embeddings.shape.count == 2, let vocabulary = embeddings.shape.first,
      (1...4_194_304).contains(vocabulary), embeddings.shape[1] == dimensions
    else {
      throw SibylError(
        .corruptFile,
        "the tensor \"token_embd.weight\" of \(file.path) has the shape \(embeddings.shape), where tokens x "
          + "\(dimensions) is expected")
    }
    vocabularySize = vocabulary
  }
}
