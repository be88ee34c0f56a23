/// What `ai_sentiment` answers. The raw value is the class's index in a sentiment head.
public enum SentimentLabel: Int, CaseIterable, Sendable, CustomStringConvertible {
  case negative = 0
  case neutral = 1
  case positive = 2

  /// The label as SQL returns it and as data files spell it.
  public var description: String {
    switch self {
    case .negative: "negative"
    case .neutral: "neutral"
    case .positive: "positive"
    }
  }

  public init?(_ name: some StringProtocol) {
    guard let label = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = label
  }
}
