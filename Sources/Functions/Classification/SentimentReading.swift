import Diagnostics
import Models

/// What the sentiment functions share: one reading a text, computed once and kept under one name, told as a
/// word by `ai_sentiment` and as a number by `ai_sentiment_score`.
enum SentimentReading {
  static let cacheName = "sentiment"

  /// Another classifier gives other answers, so its bytes are part of the cache keys.
  static func fingerprint() throws(SibylError) -> String { BundledClassifier.sentiment.digest.abbreviated }

  /// A blob of three float32 (negative, neutral, positive) a text; NULL for blank text, which has no mood.
  static let implementation: AIFunction.Implementation = { (context, calls) throws(SibylError) in
    let reading = try BundledReading(.sentiment, for: context.requireModel())
    guard reading.labels == SentimentLabel.allCases.map(\.description) else {
      throw SibylError(.internalFault, "the built-in sentiment classifier knows other moods")
    }
    return try reading.probabilities(of: calls.map { $0.text(0) }, context).map { probabilities in
      .success(probabilities.map { .blob(Embedding($0).blob) } ?? .null)
    }
  }

  /// A text of which a user has told the mood.
  static let correction = Correction.ofFunction(
    "ai_sentiment", labels: SentimentLabel.allCases.map(\.description)
  ) { label, _ in
    let reading: [Float] = [SentimentLabel.negative, .neutral, .positive].map {
      $0.description == label ? 1 : 0
    }
    return .blob(Embedding(reading).blob)
  }

  /// The reading in a cached value; nil for NULL.
  static func decode(_ value: Value) -> SentimentProbabilities? {
    guard case .blob(let bytes) = value, let numbers = try? Embedding(blob: bytes).values else { return nil }
    return SentimentProbabilities(numbers)
  }
}
