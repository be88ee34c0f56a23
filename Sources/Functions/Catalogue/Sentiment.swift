extension AIFunction {
  static let sentiment = AIFunction(
    name: "ai_sentiment",
    summary: "The mood of a text: positive, negative or neutral.",
    details: """
      Read by a head over all layers of all-MiniLM-L6-v2, both fine-tuned on film reviews, tweets, product reviews \
      and editorials. Text longer than \(BundledReading.tokensAtOnce) tokens is read in pieces, cut at \
      sentence ends, and their moods averaged. Blank text has no mood and gives NULL. English.
      """,
    parameters: [.text("The text to judge.")],
    returns: .text,
    examples: [
      Example("SELECT ai_sentiment('I waited three weeks and it arrived broken');", gives: "negative"),
      Example("SELECT ai_sentiment('Great value and it works perfectly');", gives: "positive"),
    ],
    isCached: true, model: BundledReading.model, fingerprint: SentimentReading.fingerprint,
    cacheName: SentimentReading.cacheName,
    finish: { value in
      SentimentReading.decode(value).map { .text($0.label.description) } ?? .null
    },
    confidence: { value in
      SentimentReading.decode(value).map { Double($0.confidence) }
    },
    correction: SentimentReading.correction, implementation: SentimentReading.implementation)
}
