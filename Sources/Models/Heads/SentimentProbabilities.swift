/// The probabilities of the three moods.
public struct SentimentProbabilities: Hashable, Sendable {
  public let negative: Float
  public let neutral: Float
  public let positive: Float

  public init(negative: Float, neutral: Float, positive: Float) {
    self.negative = negative
    self.neutral = neutral
    self.positive = positive
  }

  /// From one number a mood, in the order of `SentimentLabel`; nil where there are more or fewer.
  public init?(_ probabilities: some RandomAccessCollection<Float>) {
    guard probabilities.count == SentimentLabel.allCases.count else { return nil }
    let numbers = Array(probabilities)
    self.init(negative: numbers[0], neutral: numbers[1], positive: numbers[2])
  }

  /// The likeliest mood. Among equals neutral wins, then negative.
  public var label: SentimentLabel {
    if neutral >= negative && neutral >= positive { return .neutral }
    return negative >= positive ? .negative : .positive
  }

  /// Of the likeliest mood.
  public var confidence: Float { max(negative, neutral, positive) }

  /// From -1 (negative) to 1 (positive): the difference of the two probabilities.
  public var score: Float { min(max(positive - negative, -1), 1) }
}
