/// Turns the cosine of a text and a query into a relevance from 0 to 1, `ai_score`.
///
/// A cosine is no probability: with MiniLM unrelated texts lie between -0.1 and 0.2 and related ones between
/// 0.3 and 0.9. The logistic curve here was fitted, related against unrelated counting alike, on banking77
/// (a query is an intent's name, or another question of the same intent; half of the unrelated pairs are
/// questions of other intents, half are texts of other kinds) and on topic names against news items and
/// tickets. It gives 0.04 at a cosine of 0, 0.24 at 0.2, 0.5 at 0.32, 0.76 at 0.44, 0.94 at 0.6.
public enum RelevanceCalibration {
  public static let slope: Float = 9.6
  /// The cosine that is as likely to be related as not.
  public static let midpoint: Float = 0.32

  /// The relevance that a cosine stands for; rises with it. 0 where the cosine is not a number.
  public static func relevance(cosine: Float) -> Float {
    guard !cosine.isNaN else { return 0 }
    return Softmax.sigmoid(slope * (min(max(cosine, -1), 1) - midpoint))
  }
}
