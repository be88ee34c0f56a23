import Diagnostics
import Models

/// What `ai_classify` asks for the labels' probabilities: a decoder, or the heads of `Models` with the texts that they
/// need embedded.
enum LabelClassifier: Sendable {
  /// Knows the labels by their names and descriptions.
  case zeroShot(ZeroShotClassifier)
  /// Knows some texts of them too.
  case fewShot(FewShotClassifier)
  /// A decoder chooses among them.
  case judge(LabelJudge)

  /// The classifier of a label set, from memory where it was used before.
  static func classifier(
    for labels: LabelSet, _ examples: [ClassifyOptions.Example], _ context: CallContext
  ) throws(SibylError) -> LabelClassifier {
    let key = LabelClassifierCache.Key(
      model: try context.requireModel().digest, labels: labels.labels, examples: examples)
    return try LabelClassifierCache.shared.classifier(for: key) { () throws(SibylError) in
      try LabelClassifier(labels, examples, context)
    }
  }

  private init(
    _ labels: LabelSet, _ examples: [ClassifyOptions.Example], _ context: CallContext
  ) throws(SibylError) {
    var positions: [Int] = []
    for (number, example) in examples.enumerated() {
      guard let position = labels.position(of: example.label) else {
        throw context.argumentError(
          2, "must have examples of the given labels; number \(number + 1) has the label \"\(example.label)\""
        )
      }
      positions.append(position)
    }
    if try context.requireModel().manifest.kind == .decoder {
      self = .judge(try LabelJudge(labels, examples, context))
      return
    }
    let phrasing = LabelPhrasing(
      labels.labels.map { ClassificationLabel($0.name, description: $0.description) })
    let zeroShot = try ZeroShotClassifier(
      phrasing: phrasing, embeddings: try context.features(of: phrasing.texts))
    guard !examples.isEmpty else {
      self = .zeroShot(zeroShot)
      return
    }
    self = .fewShot(
      try FewShotClassifier(
        zeroShot: zeroShot, examples: try context.features(of: examples.map(\.text)),
        labels: positions))
  }

  /// One probability a label for each text: they sum to 1, or with `isMultiLabel` each stands for itself. What is wrong
  /// with one text is told in its place.
  func probabilities(
    of texts: [String], isMultiLabel: Bool, _ context: CallContext
  ) throws(SibylError) -> [Result<[Float], SibylError>] {
    guard !texts.isEmpty else { return [] }
    if case .judge(let judge) = self {
      return try judge.probabilities(of: texts, isMultiLabel: isMultiLabel, context)
    }
    var answers: [Result<[Float], SibylError>] = []
    for embedding in try context.embeddings(of: texts) {
      answers.append(.success(try probabilities(of: embedding, isMultiLabel: isMultiLabel, context)))
    }
    return answers
  }

  private func probabilities(
    of text: Embedding, isMultiLabel: Bool, _ context: CallContext
  ) throws(SibylError) -> [Float] {
    switch (self, isMultiLabel) {
    case (.zeroShot(let head), false): try head.probabilities(of: text.values)
    case (.zeroShot(let head), true): try head.independentProbabilities(of: text.values)
    case (.fewShot(let head), false): try head.probabilities(of: text.values)
    case (.fewShot(let head), true): try head.independentProbabilities(of: text.values)
    case (.judge, _):
      throw SibylError(.internalFault, "a decoder has no embeddings; please report this defect")
    }
  }
}
