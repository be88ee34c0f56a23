/// How far a training is.
public struct FineTuningProgress: Sendable, Equatable {
  public let step: Int
  public let steps: Int
  /// The mean loss a row since the last report, in nats.
  public let loss: Double
  /// The share of held-out rows (by weight) that came out right at the last look; nil before the first.
  public let heldOutAccuracy: Double?
  public let bestAccuracy: Double?
  public let tokensPerSecond: Double
  public let secondsLeft: Double
}
