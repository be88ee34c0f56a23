import Diagnostics
import JSON

extension AIFunction {
  static let predictProbabilities = AIFunction(
    name: "ai_predict_proba",
    summary: "The probability of each label that a trained classifier gives a text, as JSON.",
    details: """
      A JSON object of label to probability, the most probable first. The probabilities sum to 1. See ai_predict. Blank \
      text gives NULL.
      """,
    parameters: [.classifier, .text("The text to classify.")],
    returns: .json, volatility: .stable, isCached: true,
    model: .classifier(parameter: 0),
    correction: .ofClassifier { answer, _ in .text(answer.scores.serialized()) }
  ) { (context, calls) throws(SibylError) in
    try context.predictions(for: calls.map { $0.text(1) }) { .text($0.scores.serialized()) }
  }
}
