import Diagnostics

/// When an answer ends, apart from the model's own end token.
public struct StopCondition: Hashable, Sendable {
  /// Texts before which the answer ends, as UTF-8; neither they nor what comes behind them is part of it.
  public let stops: [[UInt8]]
  /// The most tokens that are generated.
  public let maximumTokens: Int
  /// Whether the answer goes on behind the model's end token, to its full length: for measurements.
  public let ignoresEndToken: Bool

  /// More stop strings than this are a mistake.
  public static let greatestStopCount = 16
  /// In bytes.
  public static let longestStop = 1_000

  /// - Throws: `invalidArgument` in words that follow the name of a function's argument.
  public init(
    maximumTokens: Int, stops: [String] = [], ignoresEndToken: Bool = false
  ) throws(SibylError) {
    guard maximumTokens > 0 else {
      throw SibylError(
        .invalidArgument, "must have a whole number above 0 as max_tokens; got \(maximumTokens)")
    }
    guard stops.count <= Self.greatestStopCount else {
      throw SibylError(
        .invalidArgument, "must have at most \(Self.greatestStopCount) texts as stop; got \(stops.count)")
    }
    for (place, stop) in stops.enumerated() where stop.isEmpty || stop.utf8.count > Self.longestStop {
      throw SibylError(
        .invalidArgument,
        "must have texts of 1 to \(Self.longestStop) bytes as stop; number \(place + 1) has \(stop.utf8.count)"
      )
    }
    self.stops = stops.map { Array($0.utf8) }
    self.maximumTokens = maximumTokens
    self.ignoresEndToken = ignoresEndToken
  }
}
