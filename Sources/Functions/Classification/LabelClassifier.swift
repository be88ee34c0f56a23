import Diagnostics
import Models

/// Tells the labels' probabilities from a text's embedding: the seam between `ai_classify` and the heads.
struct LabelClassifier: Sendable {
  private enum Head: Sendable {
    case zeroShot(ZeroShotClassifier)
    case fewShot(FewShotClassifier)
  }

  private let head: Head

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
    var exampleLabels: [Int] = []
    for (position, example) in examples.enumerated() {
      guard let label = labels.position(of: example.label) else {
        throw context.argumentError(
          2,
          "must have examples of the given labels; number \(position + 1) has the label \"\(example.label)\"")
      }
      exampleLabels.append(label)
    }
    func features(_ texts: [String]) throws(SibylError) -> FeatureMatrix {
      let embeddings = try context.embeddings(of: texts)
      return try FeatureMatrix(
        columnCount: embeddings.first?.values.count ?? 0, values: embeddings.flatMap(\.values))
    }
    let phrasing = LabelPhrasing(
      labels.labels.map { ClassificationLabel($0.name, description: $0.description) })
    let zeroShot = try ZeroShotClassifier(phrasing: phrasing, embeddings: features(phrasing.texts))
    guard !examples.isEmpty else {
      head = .zeroShot(zeroShot)
      return
    }
    head = .fewShot(
      try FewShotClassifier(
        zeroShot: zeroShot, examples: features(examples.map(\.text)), labels: exampleLabels))
  }

  /// One probability a label: they sum to 1, or with `isMultiLabel` each stands for itself.
  func probabilities(of text: Embedding, isMultiLabel: Bool) throws(SibylError) -> [Double] {
    let probabilities: [Float]
    switch (head, isMultiLabel) {
    case (.zeroShot(let classifier), false): probabilities = try classifier.probabilities(of: text.values)
    case (.zeroShot(let classifier), true):
      probabilities = try classifier.independentProbabilities(of: text.values)
    case (.fewShot(let classifier), false): probabilities = try classifier.probabilities(of: text.values)
    case (.fewShot(let classifier), true):
      probabilities = try classifier.independentProbabilities(of: text.values)
    }
    return probabilities.map(Double.init)
  }
}
