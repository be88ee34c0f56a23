import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tells the labels' probabilities from a text's embedding: the seam between `ai_classify` and the heads.
struct LabelClassifier: Sendable {
  private let labels: [Embedding]

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
    for (position, example) in examples.enumerated() where labels.position(of: example.label) == nil {
      throw context.argumentError(
        2, "must have examples of the given labels; number \(position + 1) has the label \"\(example.label)\""
      )
    }
    self.labels = try context.embeddings(
      of: labels.labels.map { "This text is about \($0.description ?? $0.name)." })
  }

  /// One probability a label: they sum to 1, or with `isMultiLabel` each stands for itself.
  func probabilities(of text: Embedding, isMultiLabel: Bool) -> [Double] {
    let similarities = labels.map { $0.cosine(with: text) ?? 0 }
    if isMultiLabel { return similarities.map(Relevance.probability) }
    let best = similarities.max() ?? 0
    let weights = similarities.map { exp(17 * ($0 - best)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
