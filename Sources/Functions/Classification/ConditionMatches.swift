import Diagnostics
import ModelFiles
import Models
import Threads

extension CallContext {
  /// Whether texts meet conditions, by the encoder that the batch runs on.
  func meets(_ rows: [(text: String, condition: String)]) throws(SibylError) -> [Bool] {
    try conditionScores(rows).map { $0 >= ConditionMatch.threshold }
  }

  /// How well texts meet conditions, in the measure of `ConditionMatch.threshold`.
  func conditionScores(_ rows: [(text: String, condition: String)]) throws(SibylError) -> [Float] {
    guard !rows.isEmpty else { return [] }
    let match = try conditionMatch()
    let conditions = try embeddings(of: rows.map { ConditionMatch.phrase($0.condition) })
    let texts = try embeddings(of: rows.map(\.text))
    var scores: [Float] = []
    for (text, condition) in zip(texts, conditions) {
      scores.append(try match.score(text: text.values, condition: condition.values))
    }
    return scores
  }

  private func conditionMatch() throws(SibylError) -> ConditionMatch {
    let model = try requireModel().digest
    if let known = Self.conditionMatches.withLock({ $0[model] }) { return known }
    let match = try ConditionMatch(
      texts: try features(of: ConditionMatch.everydayTexts),
      conditions: try features(of: ConditionMatch.everydayConditions))
    Self.conditionMatches.withLock { $0[model] = match }
    return match
  }

  /// One for each encoder that was asked in this process.
  private static let conditionMatches = Guarded<[Digest: ConditionMatch]>([:])
}
