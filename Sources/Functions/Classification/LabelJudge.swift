import Diagnostics
import Inference
import Models
import Sampling
import Tokenization

/// Sorts texts under labels by how probable a decoder finds each label as the answer.
///
/// Small models find some labels more probable than others whatever the text. So each label's probability is divided by
/// the one that it has behind texts that say nothing (Zhao et al., "Calibrate Before Use", 2021). Measured with
/// SmolLM2-135M on 160 rows each: AG News 45% without that and 58% with it, SST-2 54% and 60%; the encoder reaches 75%
/// on AG News.
struct LabelJudge: Sendable {
  private let labels: LabelSet
  private let examples: [ClassifyOptions.Example]
  private let choices: [String]
  /// The logarithm of each label's probability behind a text that says nothing; nil where the model does not tell
  /// probabilities, but only which label it is.
  private let baseline: [Double]?

  static let emptyTexts = ["N/A", "This is a text.", "Some words about something."]

  init(
    _ labels: LabelSet, _ examples: [ClassifyOptions.Example], _ context: CallContext
  ) throws(SibylError) {
    self.labels = labels
    self.examples = examples
    let model = try context.languageModel()
    for label in labels.labels {
      let count = model.tokens.tokenCount(of: label.name)
      guard (1...model.longestChoice).contains(count) else {
        throw context.argumentError(
          1,
          "must have labels of at most \(model.longestChoice) tokens for a decoder; \"\(label.name.prefix(40))\" "
            + "has \(count). Give it a short name and the long one as its description")
      }
    }
    choices = labels.labels.map(\.name)
    guard model.tellsProbabilities else {
      baseline = nil
      return
    }
    var baseline = labels.labels.map { _ in 0.0 }
    let empty = try model.judge(
      Self.emptyTexts.map { Self.conversation($0, labels, examples) }, choices: choices, severalFit: false,
      isCancelled: context.host.isCancelled)
    for scores in empty {
      for (label, score) in try scores.get().enumerated() { baseline[label] += score / Double(empty.count) }
    }
    self.baseline = baseline
  }

  /// One probability a label for each text: they sum to 1, or with `isMultiLabel` each stands for itself. What is wrong
  /// with one text is told in its place.
  func probabilities(
    of texts: [String], isMultiLabel: Bool, _ context: CallContext
  ) throws(SibylError) -> [Result<[Float], SibylError>] {
    let judged = try context.languageModel().judge(
      texts.map { Self.conversation($0, labels, examples) }, choices: choices, severalFit: isMultiLabel,
      isCancelled: context.host.isCancelled)
    return judged.map { scores in
      scores.map { scores in
        guard let baseline else { return scores.map { $0 < 0 ? 0 : 1 } }
        var logits = zip(scores, baseline).map { Float($0 - $1) }
        if isMultiLabel { return logits.map(Softmax.sigmoid) }
        Softmax.apply(to: &logits)
        return logits
      }
    }
  }

  /// The labels and examples come first: they are the same for all rows, and read once for them.
  private static func conversation(
    _ text: String, _ labels: LabelSet, _ examples: [ClassifyOptions.Example]
  ) -> [ChatMessage] {
    let names = labels.labels.map { label in label.name + (label.description.map { " (\($0))" } ?? "") }
    var question = "Labels: " + names.joined(separator: ", ") + "\n\n"
    for example in examples {
      question += "Text: \(example.text)\n\nThe label of the text is \(example.label)\n\n"
    }
    question += "Text: \(text)\n\nThe label of the text is"
    return [ChatMessage(.user, question)]
  }
}
