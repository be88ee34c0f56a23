import Diagnostics
import Models

/// What `ai_classify` asks for the labels' probabilities: the heads of `Models`, with the texts that they need
/// embedded.
enum LabelClassifier: Sendable {
  /// Knows the labels by their names and descriptions.
  case zeroShot(ZeroShotClassifier)
  /// Knows some texts of them too.
  case fewShot(FewShotClassifier)

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
    let phrasing = LabelPhrasing(
      labels.labels.map { ClassificationLabel($0.name, description: $0.description) })
    let zeroShot = try ZeroShotClassifier(
      phrasing: phrasing, embeddings: try Self.features(of: phrasing.texts, context))
    guard !examples.isEmpty else {
      self = .zeroShot(zeroShot)
      return
    }
    self = .fewShot(
      try FewShotClassifier(
        zeroShot: zeroShot, examples: try Self.features(of: examples.map(\.text), context),
        labels: positions))
  }

  private static func features(
    of texts: [String], _ context: CallContext
  ) throws(SibylError) -> FeatureMatrix {
    let embeddings = try context.embeddings(of: texts)
    return try FeatureMatrix(
      columnCount: embeddings.first?.values.count ?? 0, values: embeddings.flatMap(\.values))
  }

  /// One probability a label: they sum to 1, or with `isMultiLabel` each stands for itself.
  func probabilities(of text: Embedding, isMultiLabel: Bool) throws(SibylError) -> [Float] {
    switch (self, isMultiLabel) {
    case (.zeroShot(let head), false): try head.probabilities(of: text.values)
    case (.zeroShot(let head), true): try head.independentProbabilities(of: text.values)
    case (.fewShot(let head), false): try head.probabilities(of: text.values)
    case (.fewShot(let head), true): try head.independentProbabilities(of: text.values)
    }
  }
}
