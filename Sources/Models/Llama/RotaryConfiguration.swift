import Diagnostics
import ModelFiles
import Tensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a model's rotary positions turn: the base of their frequencies, and how these were stretched for texts
/// longer than those of the first training.
public struct RotaryConfiguration: Sendable, Hashable {
  public enum Scaling: Sendable, Hashable {
    case none
    /// All frequencies divided by a factor (Chen et al. 2023).
    case linear(factor: Double)
    /// YaRN (Peng et al. 2023): low frequencies divided, high ones kept.
    case yarn(factor: Double, originalLength: Int, attentionFactor: Double)
  }

  /// Dimensions of a head that turn.
  public let dimensions: Int
  public let base: Double
  public let scaling: Scaling
  /// A divisor for each frequency, where the file has them (Llama 3.1 and later).
  public let divisors: [Float]

  init(
    _ file: GGUFFile, architecture: String, headDimensions: Int, contextLength: Int
  ) throws(SibylError) {
    dimensions = try file.integerIfPresent("\(architecture).rope.dimension_count") ?? headDimensions
    guard dimensions >= 32, dimensions <= headDimensions, dimensions % 32 == 0 else {
      throw SibylError(
        .invalidArgument,
        "\(file.path) turns \(dimensions) of each head's \(headDimensions) dimensions by position; sibyl computes "
          + "multiples of 32")
    }
    base = try file.numberIfPresent("\(architecture).rope.freq_base") ?? 10_000
    guard base > 1, base <= 1e12 else {
      throw SibylError(.corruptFile, "\(file.path) holds \"\(architecture).rope.freq_base\" outside 1...1e12")
    }
    scaling = try Self.scaling(file, "\(architecture).rope", contextLength: contextLength)
    let name = "rope_freqs.weight"
    divisors = file.contains(name) ? try file.floats(name, shape: [dimensions / 2]) : []
    guard divisors.allSatisfy({ $0 >= 1e-6 && $0 <= 1e6 }) else {
      throw SibylError(
        .corruptFile, "the tensor \"\(name)\" of \(file.path) holds a divisor outside 1e-6...1e6")
    }
  }

  private static func scaling(
    _ file: GGUFFile, _ key: String, contextLength: Int
  ) throws(SibylError) -> Scaling {
    func factor(_ name: String, otherwise: Double) throws(SibylError) -> Double {
      let value = try file.numberIfPresent("\(key).\(name)") ?? otherwise
      // Some converters write 0 for a factor that means nothing.
      guard value >= 0, value <= 1e6 else {
        throw SibylError(.corruptFile, "\(file.path) holds \"\(key).\(name)\" outside 0...1e6")
      }
      return value > 0 ? value : 1
    }
    let older = try factor("scale_linear", otherwise: 1)
    let stretch = try factor("scaling.factor", otherwise: older)
    switch try file.textIfPresent("\(key).scaling.type") {
    case nil, "linear": return stretch == 1 ? .none : .linear(factor: stretch)
    case "none": return .none
    case "yarn":
      let length = try file.integerIfPresent("\(key).scaling.original_context_length") ?? contextLength
      guard (8...16_777_216).contains(length) else {
        throw SibylError(
          .corruptFile, "\(file.path) holds \"\(key).scaling.original_context_length\" outside 8...16777216")
      }
      return .yarn(
        factor: stretch, originalLength: length,
        attentionFactor: try factor("scaling.attn_factor", otherwise: 1))
    case let other?:
      throw SibylError(
        .invalidArgument,
        "\(file.path) scales its positions by \"\(other.prefix(40))\"; sibyl computes none, linear and yarn")
    }
  }

  func makeEmbedding() throws(SibylError) -> RotaryEmbedding {
    let frequencies = (0..<(dimensions / 2)).map { index in
      let divisor = divisors.isEmpty ? 1 : Double(divisors[index])
      return pow(base, -2 * Double(index) / Double(dimensions)) / divisor
    }
    switch scaling {
    case .none:
      return try RotaryEmbedding(frequencies: frequencies)
    case .linear(let factor):
      return try RotaryEmbedding(frequencies: frequencies.map { $0 / factor })
    case .yarn(let factor, let originalLength, let attentionFactor):
      // The dimension that turns `turns` times within the original length (Peng et al. 2023, section 3.2).
      func dimension(turns: Double) -> Double {
        Double(dimensions) * log(Double(originalLength) / (turns * 2 * .pi)) / (2 * log(base))
      }
      let low = max(0, dimension(turns: 32).rounded(.down))
      let high = min(Double(dimensions - 1), dimension(turns: 1).rounded(.up))
      let stretched = frequencies.enumerated().map { index, frequency in
        let ramp = min(max((Double(index) - low) / max(0.001, high - low), 0), 1)
        return frequency * (1 - ramp) + frequency / factor * ramp
      }
      return try RotaryEmbedding(
        frequencies: stretched, magnitude: attentionFactor * (1 + 0.1 * log(factor)))
    }
  }
}
