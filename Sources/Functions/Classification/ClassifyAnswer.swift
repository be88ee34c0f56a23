import JSON

/// What `ai_classify` says about a text, in the form that its options ask for.
struct ClassifyAnswer {
  /// The labels and their probabilities, the most probable first.
  private let ranking: [(label: String, probability: Double)]

  init(_ labels: LabelSet, _ probabilities: [Float]) {
    self.init(labels.labels.map(\.name), probabilities)
  }

  init(_ labels: [String], _ probabilities: [Float]) {
    // Equal probabilities keep the labels' order, so that the answer does not depend on the sort.
    ranking = zip(labels, probabilities).enumerated()
      .sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }
      .map { (label: $0.element.0, probability: Double($0.element.1)) }
  }

  /// The answer to a text whose label is known.
  init(_ labels: [String], certain label: String) {
    self.init(labels, labels.map { $0.utf8.elementsEqual(label.utf8) ? 1 : 0 })
  }

  /// The probability of the most probable label.
  var confidence: Double { ranking.first?.probability ?? 0 }

  func value(_ options: ClassifyOptions) -> Value {
    guard let best = ranking.first else { return .null }
    if options.isMultiLabel {
      if options.returnsScores { return .text(scores.serialized()) }
      let threshold = options.minimumConfidence ?? 0.5
      let applying = ranking.filter { $0.probability >= threshold }
      return .text(JSON.array(applying.map { .string($0.label) }).serialized())
    }
    if let minimum = options.minimumConfidence, best.probability < minimum { return .null }
    return .text(options.returnsScores ? scores.serialized() : best.label)
  }

  /// Every label with its probability. Four digits: more would be noise.
  var scores: JSON {
    .object(JSONObject(ranking.map { ($0.label, .number(($0.probability * 10_000).rounded() / 10_000)) }))
  }
}
