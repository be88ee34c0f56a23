extension AIFunction {
  static let sentimentScore = AIFunction(
    name: "ai_sentiment_score",
    summary: "The mood of a text as a number, from -1 (negative) to 1 (positive).",
    details: """
      The probability of positive minus that of negative, as ai_sentiment sees them: near 0 for neutral and for \
      mixed text. Blank text gives NULL.
      """,
    parameters: [.text("The text to judge.")],
    returns: .real,
    examples: [
      Example(
        "SELECT ai_sentiment_score('Terrible, I want my money back') < -0.5;", gives: "1", inPostgres: "t")
    ],
    isCached: true, model: BundledReading.model, fingerprint: SentimentReading.fingerprint,
    cacheName: SentimentReading.cacheName,
    finish: { value in SentimentReading.decode(value).map { .real(Double($0.score)) } ?? .null },
    correction: SentimentReading.correction, implementation: SentimentReading.implementation)
}
