import Models

/// A fine-tuned classifier: the encoder's change and the head that reads the changed encoder's layer pools.
public struct FineTuningOutcome: Sendable {
  /// Why a training ended.
  public enum Ending: Sendable, Equatable {
    /// All steps were made.
    case complete
    /// The held-out rows came out no better for a while.
    case stoppedEarly
    /// The caller asked for it.
    case cancelled
  }

  public let adapter: LowRankAdapter
  public let head: SoftmaxRegression
  public let ending: Ending
  /// The share of held-out rows (by weight) that the result gets right, and their mean loss.
  public let heldOutAccuracy: Double
  public let heldOutLoss: Double
  /// After how many steps the result was reached, of how many.
  public let step: Int
  public let steps: Int
  public let tokensPerSecond: Double
  public let seconds: Double
}
