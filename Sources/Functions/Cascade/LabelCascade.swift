import Diagnostics
import JSON

/// The cascade of an `ai_classify` call: the encoder by the labels' names, then a decoder.
struct LabelCascade {
  private let cascade: Cascade

  /// - Parameter calls: share the labels and the options.
  /// - Returns: nil where the options ask for no cascade.
  init?(_ calls: [Arguments], _ context: CallContext) throws(SibylError) {
    guard let first = calls.first, let options = first.decoded(2, as: ClassifyOptions.self),
      let cascadeOptions = options.cascade, let labels = first.decoded(1, as: LabelSet.self)
    else { return nil }
    let labelsJSON = first.text(1)
    let asked = options.asked(of: cascadeOptions.target).serialized()
    cascade = Cascade(
      context: context, options: cascadeOptions,
      question: options.examples.isEmpty ? [labelsJSON] : [labelsJSON, asked],
      small: { texts throws(SibylError) in
        let classifier = try LabelClassifier.classifier(for: labels, options.examples, context)
        var answers: [[Float]] = []
        for answer in try classifier.probabilities(of: texts, isMultiLabel: false, context) {
          answers.append(try answer.get())
        }
        return answers
      },
      large: { texts throws(SibylError) in
        // As a user would ask the large model: its answers are in the cache for whoever does.
        context.evaluator.evaluate(
          .classify, texts.map { [.text($0), .text(labelsJSON), .text(asked)] }, host: context.host
        ).map { answer in
          answer.flatMap { value in
            guard case .text(let scores) = value, let json = try? JSON.parse(scores) else {
              return .failure(SibylError(.internalFault, "\(cascadeOptions.target) gave no scores"))
            }
            return .success(labels.labels.map { Float(json[$0.name]?.numberValue ?? 0) })
          }
        }
      })
  }

  func prepare(_ texts: [String]) throws(SibylError) { try cascade.prepare(texts) }

  /// One probability a label for each text.
  func probabilities(of texts: [String]) throws(SibylError) -> [Result<[Float], SibylError>] {
    try cascade.probabilities(of: texts)
  }
}
