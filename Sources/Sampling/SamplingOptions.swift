import Diagnostics

/// How the next token is chosen from a model's logits.
public struct SamplingOptions: Hashable, Sendable {
  /// What the logits are divided by; 0 always chooses the most probable token, and so does anything below
  /// `leastTemperature`.
  public let temperature: Double
  /// Only the most probable tokens whose probabilities add up to this are chosen from (Holtzman et al. 2020,
  /// "nucleus sampling"); 1 leaves all of them in.
  public let topP: Double
  /// The same seed gives the same answer to the same prompt, in whatever batch and on whatever thread.
  public let seed: UInt64

  /// The most probable token, always.
  public static let greedy = SamplingOptions()

  /// Below this the distribution has one token left, so that nothing is drawn.
  static let leastTemperature = 1e-3

  private init() {
    temperature = 0
    topP = 1
    seed = 0
  }

  /// - Throws: `invalidArgument` in words that follow the name of a function's argument: "must have a number
  ///   from 0 to 2 as temperature; got 3".
  public init(temperature: Double = 0, topP: Double = 1, seed: UInt64 = 0) throws(SibylError) {
    guard temperature >= 0, temperature <= 2 else {
      throw SibylError(
        .invalidArgument,
        "must have a number from 0 (always the most probable token) to 2 as temperature; got \(temperature)")
    }
    guard topP > 0, topP <= 1 else {
      throw SibylError(
        .invalidArgument, "must have a number above 0 and up to 1 (all tokens) as top_p; got \(topP)")
    }
    self.temperature = temperature
    self.topP = topP
    self.seed = seed
  }

  /// Whether the logits alone decide.
  public var isGreedy: Bool { temperature < Self.leastTemperature }
}
