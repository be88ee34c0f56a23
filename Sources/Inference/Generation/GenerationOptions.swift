import Sampling

/// How answers are written: when they end, what they may be, and how tokens are chosen.
public struct GenerationOptions: Sendable {
  public var sampling: SamplingOptions
  public var stop: StopCondition
  /// What answers may be; nil for any text.
  public var constraint: Constraint?

  public init(
    stop: StopCondition, sampling: SamplingOptions = .greedy, constraint: Constraint? = nil
  ) {
    self.sampling = sampling
    self.stop = stop
    self.constraint = constraint
  }
}

/// What a model has written.
public struct GeneratedText: Hashable, Sendable {
  public let text: String
  /// Tokens of the answer, with the one that ended it.
  public let tokenCount: Int
  public let finishReason: FinishReason

  public init(text: String, tokenCount: Int, finishReason: FinishReason) {
    self.text = text
    self.tokenCount = tokenCount
    self.finishReason = finishReason
  }
}
