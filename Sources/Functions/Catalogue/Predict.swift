import Diagnostics
import JSON

extension AIFunction {
  static let predict = AIFunction(
    name: "ai_predict",
    summary: "The label that a trained classifier gives a text.",
    details: """
      Asks a classifier of ai_train. options is a JSON object, as in ai_classify: "min_confidence" (0 to 1; below it \
      the answer is NULL) and "scores": true (a JSON object of every label's probability, the most probable first). \
      Answers are cached under the classifier's digest, so one that was trained anew never gives an old answer. Blank \
      text gives NULL.
      """,
    parameters: [
      .classifier, .text("The text to classify."),
      .options { json throws(SibylError) in try PredictOptions(json) },
    ],
    returns: .text, volatility: .stable, isCached: true,
    model: .classifier(parameter: 0), finish: ConfidentAnswer.answer, confidence: ConfidentAnswer.confidence,
    correction: .ofClassifier { answer, arguments in
      let options = arguments.decoded(2, as: PredictOptions.self) ?? PredictOptions()
      return ConfidentAnswer.packed(answer.value(options.classifyOptions), confidence: answer.confidence)
    }
  ) { (context, calls) throws(SibylError) in
    let options = calls.first?.decoded(2, as: PredictOptions.self) ?? PredictOptions()
    return try context.predictions(for: calls.map { $0.text(1) }) { answer in
      ConfidentAnswer.packed(answer.value(options.classifyOptions), confidence: answer.confidence)
    }
  }
}

extension CallContext {
  /// What the batch's classifier says about texts; NULL where a text is blank.
  func predictions(
    for texts: [String], _ value: (ClassifyAnswer) -> Value
  ) throws(SibylError) -> [Result<Value, SibylError>] {
    let classifier = try requireClassifier()
    let asked = texts.indices.filter { !texts[$0].isBlank }
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: texts.count)
    guard !asked.isEmpty else { return answers }
    let probabilities = try classifier.model.probabilities(of: asked.map { texts[$0] }, self)
    for (position, probabilities) in zip(asked, probabilities) {
      answers[position] = .success(value(ClassifyAnswer(classifier.labels, probabilities)))
    }
    return answers
  }
}
