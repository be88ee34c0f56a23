import Diagnostics

/// Whether texts meet conditions that are told in words, by the nearness of their embeddings.
///
/// The embeddings of all texts share a large part, and so do those of all conditions ("the text is about …"); it says
/// nothing about whether the two belong together. So the mean of some everyday texts is taken off a text's vector and
/// the mean of some everyday conditions off the condition's, and the cosine of what is left decides.
///
/// Measured with MiniLM on 13 conditions over AG News, SST-2, TweetEval emotion and banking77 (half of each one's rows
/// meet it; in banking77 the others are questions to the same bank): area under the curve 0.80, against 0.77 of the
/// plain cosine; 67% right at the threshold, 93% for "the text is about sports", 80% for "mentions a refund", and no
/// better than chance for the moods of films. SmolLM2-135M, asked for yes or no in seven wordings, with and without
/// examples, was at chance for all of them (0.48 to 0.51).
public struct ConditionMatch: Sendable {
  /// The cosine from which a condition counts as met: where most of those rows came out right.
  public static let threshold: Float = 0.16

  /// Texts of many kinds.
  public static let everydayTexts = [
    "The committee will meet again on Tuesday to discuss the new budget.",
    "I bought these shoes last month and they still look new.",
    "Can you tell me where the nearest station is?",
    "The home side scored twice in the last ten minutes.",
    "My account was locked after I changed my phone number.",
    "She walked slowly along the river and thought about her childhood.",
    "Shares of the company fell four percent after the announcement.",
    "Researchers have found a way to store energy in cheap materials.",
    "What a wonderful evening, thank you all so much!",
    "The soup was cold and the waiter ignored us.",
    "Heavy rain is expected in the north tomorrow.",
    "How do I change the language of the app?",
    "The minister resigned after weeks of protests in the capital.",
    "I can't believe they cancelled the show again.",
    "Mix the flour with the eggs and let it rest for an hour.",
    "The new phone has a bigger screen and a better camera.",
  ]

  /// Conditions of many kinds, as they are put to the encoder.
  public static let everydayConditions =
    [
      "sports", "politics", "money", "food", "music and films", "health", "travel", "computers",
      "the weather",
      "family and friends", "school", "cars", "a product", "science", "crime", "work", "animals",
    ].map { phrase("the text is about \($0)") }
    + [
      "the writer is angry", "the writer is happy", "the writer is sad", "the writer asks a question",
      "the writer complains", "the writer praises something", "the text mentions a place",
    ].map(phrase)

  private let meanText: [Float]
  private let meanCondition: [Float]

  /// How a condition is put to the encoder.
  public static func phrase(_ condition: String) -> String { "This text: \(condition)." }

  /// - Parameters:
  ///   - texts: the embeddings of `everydayTexts`, each of length 1.
  ///   - conditions: those of `everydayConditions`.
  /// - Throws: `SibylError` where they do not belong together.
  public init(texts: FeatureMatrix, conditions: FeatureMatrix) throws(SibylError) {
    guard texts.rowCount > 0, conditions.rowCount > 0, texts.columnCount == conditions.columnCount else {
      throw SibylError(
        .internalFault,
        "the everyday texts have \(texts.rowCount) vectors of \(texts.columnCount) numbers, the conditions "
          + "\(conditions.rowCount) of \(conditions.columnCount)")
    }
    meanText = Self.mean(texts)
    meanCondition = Self.mean(conditions)
  }

  /// How well a text meets a condition, from -1 to 1; 0 where one of them says nothing.
  ///
  /// - Parameters:
  ///   - text: the text's embedding, of length 1.
  ///   - condition: that of the condition's `phrase`.
  /// - Throws: `SibylError` where one of them is of another model.
  public func score(text: [Float], condition: [Float]) throws(SibylError) -> Float {
    guard text.count == meanText.count, condition.count == meanText.count else {
      throw SibylError(
        .invalidArgument,
        "the text has \(text.count) numbers and the condition \(condition.count), not \(meanText.count)")
    }
    var product: Float = 0
    var textSquares: Float = 0
    var conditionSquares: Float = 0
    for index in text.indices {
      let a = text[index] - meanText[index]
      let b = condition[index] - meanCondition[index]
      product += a * b
      textSquares += a * a
      conditionSquares += b * b
    }
    let length = (textSquares * conditionSquares).squareRoot()
    return length > 1e-12 ? product / length : 0
  }

  private static func mean(_ rows: FeatureMatrix) -> [Float] {
    var sum = [Float](repeating: 0, count: rows.columnCount)
    for row in 0..<rows.rowCount {
      for (index, value) in rows[row: row].enumerated() { sum[index] += value }
    }
    return sum.map { $0 / Float(rows.rowCount) }
  }
}
