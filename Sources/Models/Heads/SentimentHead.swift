import Diagnostics

/// Reads a text's mood from the pools of all the encoder's layers.
///
/// The early layers know words, the late ones topics; a mood is in both. All six pools of MiniLM, each scaled
/// to length 1 and laid side by side (2,304 features), beat the last one by three points on SST-2 and cost
/// nothing more to compute.
public struct SentimentHead: Sendable {
  /// The probabilities of the three moods.
  public struct Reading: Hashable, Sendable {
    public let negative: Float
    public let neutral: Float
    public let positive: Float

    public init(negative: Float, neutral: Float, positive: Float) {
      self.negative = negative
      self.neutral = neutral
      self.positive = positive
    }

    /// The likeliest mood. Among equals neutral wins, then negative.
    public var label: SentimentLabel {
      if neutral >= negative && neutral >= positive { return .neutral }
      return negative >= positive ? .negative : .positive
    }

    /// From -1 (negative) to 1 (positive): the difference of the two probabilities.
    public var score: Float { min(max(positive - negative, -1), 1) }
  }

  public let file: HeadFile
  public var featureCount: Int { file.regression.featureCount }

  /// - Throws: `SibylError` when the file's classes are not negative, neutral, positive.
  public init(_ file: HeadFile) throws(SibylError) {
    guard file.regression.classNames == SentimentLabel.allCases.map(\.description) else {
      throw SibylError(
        .corruptFile,
        "a sentiment head has the classes negative, neutral and positive, and this one has "
          + file.regression.classNames.prefix(5).joined(separator: ", "))
    }
    self.file = file
  }

  /// - Parameter pools: one text's `featureCount` features: the mean pools of the encoder's layers, from the
  ///   first to the last, each of length 1.
  public func read(_ pools: UnsafeBufferPointer<Float>) throws(SibylError) -> Reading {
    let probabilities = try file.regression.probabilities(of: pools)
    return Reading(negative: probabilities[0], neutral: probabilities[1], positive: probabilities[2])
  }

  /// As above, for features held in an array.
  public func read(_ pools: [Float]) throws(SibylError) -> Reading {
    try pools.withUnsafeBufferPointer { pools throws(SibylError) in try read(pools) }
  }
}
