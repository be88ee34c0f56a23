import Diagnostics

/// How an encoder is fine-tuned. The defaults are those with which the default sentiment adapter was made.
public struct FineTuningOptions: Sendable, Equatable {
  /// Columns of A and B.
  public var rank = 8
  /// What B · A is multiplied with.
  public var scale: Float = 2
  /// The adapters' highest learning rate, after the warm-up.
  public var learningRate: Float = 1e-3
  /// The head's.
  public var headLearningRate: Float = 3e-3
  /// Of AdamW, decoupled (Loshchilov and Hutter 2019).
  public var weightDecay: Float = 0.01
  /// The share of activations that are zeroed after attention and after the feed-forward network.
  public var dropout: Float = 0.1
  /// The largest Euclidean norm of a step's gradient; a longer one is shortened to it.
  public var gradientNorm: Float = 1
  public var batchSize = 32
  public var epochs = 3
  /// The share of steps in which the learning rate rises from zero, before it falls to zero again.
  public var warmUp = 0.06
  /// How often the held-out rows are looked at in an epoch.
  public var evaluationsPerEpoch = 2
  /// So many looks without a better result end the training.
  public var patience = 4
  public var seed: UInt64 = 1

  public init() {}

  /// - Throws: `.invalidArgument` that names the option that is out of range.
  func check() throws(SibylError) {
    func require(_ isGood: Bool, _ rule: String) throws(SibylError) {
      guard isGood else { throw SibylError(.invalidArgument, "training needs \(rule)") }
    }
    try require((1...64).contains(rank), "a rank from 1 to 64, not \(rank)")
    try require(scale > 0 && scale <= 100, "a scale above 0 and up to 100, not \(scale)")
    try require(
      learningRate > 0 && learningRate <= 1, "a learning rate above 0 and up to 1, not \(learningRate)")
    try require(
      headLearningRate > 0 && headLearningRate <= 1,
      "a learning rate of the head above 0 and up to 1, not \(headLearningRate)")
    try require(weightDecay >= 0 && weightDecay < 1, "a weight decay from 0 to 1, not \(weightDecay)")
    try require(dropout >= 0 && dropout <= 0.5, "a dropout from 0 to 0.5, not \(dropout)")
    try require(gradientNorm > 0, "a gradient norm above 0, not \(gradientNorm)")
    try require((1...1024).contains(batchSize), "a batch size from 1 to 1,024, not \(batchSize)")
    try require((1...1000).contains(epochs), "1 to 1,000 epochs, not \(epochs)")
    try require(warmUp >= 0 && warmUp <= 1, "a warm-up from 0 to 1, not \(warmUp)")
    try require(
      (1...100).contains(evaluationsPerEpoch), "1 to 100 evaluations an epoch, not \(evaluationsPerEpoch)")
    try require((1...1000).contains(patience), "a patience from 1 to 1,000, not \(patience)")
  }
}
