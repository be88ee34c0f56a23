import Diagnostics
import JSON

extension AIFunction {
  static let classify = AIFunction(
    name: "ai_classify",
    summary: "Which of the given labels fits a text best.",
    details: """
      labels is a JSON array of 2 to \(Limits.maximumLabels) strings, or an object of label to description: a \
      sentence that says what the label means helps. options is a JSON object: "min_confidence" (0 to 1; below \
      it the answer is NULL, an honest "don't know"), "multi_label": true (a JSON array of all labels whose own \
      probability reaches min_confidence, here 0.5 by default), "scores": true (a JSON object of every label's \
      probability, the most probable first), "examples": [{"text": …, "label": …}] (texts whose label is \
      known: a classifier is fitted to them on the spot, and kept), "model" (an encoder, or a decoder, which is given the \
      labels and examples to read and needs billions of parameters to be better than the encoder; one on a server says \
      which label it is, and not how sure it is: its probabilities are 1 and 0), "on_error": "null" \
      (a row that can't be answered is NULL instead of an error). \(CascadeOptions.documentation) Blank text gives NULL.
      """,
    parameters: [
      .text("The text to classify."),
      .json("labels", "The labels to choose from.", expected: LabelSet.expected, isList: true) {
        json throws(SibylError) in
        try LabelSet(json)
      },
      .options { json throws(SibylError) in try ClassifyOptions(json) },
    ],
    returns: .text,
    examples: [
      Example(
        #"SELECT ai_classify('The parcel came two weeks late', '["billing","shipping","product quality"]');"#,
        gives: "shipping",
        postgres: .init(
          "SELECT ai_classify('The parcel came two weeks late', ARRAY['billing','shipping','product quality']);",
          gives: "shipping")),
      Example(
        #"SELECT ai_classify('I was charged twice', '{"billing":"invoices and payments","shipping":"delivery"}');"#,
        gives: "billing"),
    ],
    isCached: true, revision: 2,
    model: .embedding(
      named: { $0.decoded(2, as: ClassifyOptions.self)?.model },
      further: { $0.decoded(2, as: ClassifyOptions.self)?.cascade?.target }),
    prepare: { (context, calls) throws(SibylError) in
      guard let cascade = try LabelCascade(calls, context) else { return }
      try cascade.prepare(calls.map { $0.text(0) }.filter { !$0.isBlank })
    },
    finish: ConfidentAnswer.answer, confidence: ConfidentAnswer.confidence,
    correction: .ofFunction("ai_classify") { label, arguments in
      let labels = arguments.decoded(1, as: LabelSet.self)?.labels.map(\.name) ?? []
      guard labels.contains(where: { $0.utf8.elementsEqual(label.utf8) }) else { return nil }
      let options = arguments.decoded(2, as: ClassifyOptions.self) ?? ClassifyOptions()
      let answer = ClassifyAnswer(labels, certain: label)
      return ConfidentAnswer.packed(answer.value(options), confidence: answer.confidence)
    }
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the labels and the options.
    guard let first = calls.first, let labels = first.decoded(1, as: LabelSet.self) else { return [] }
    let options = first.decoded(2, as: ClassifyOptions.self) ?? ClassifyOptions()
    let texts = calls.map { $0.text(0) }
    let judged = calls.indices.filter { !texts[$0].isBlank }
    let probabilities =
      if let cascade = try LabelCascade(calls, context) {
        try cascade.probabilities(of: judged.map { texts[$0] })
      } else {
        try LabelClassifier.classifier(for: labels, options.examples, context).probabilities(
          of: judged.map { texts[$0] }, isMultiLabel: options.isMultiLabel, context)
      }
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    for (call, probabilities) in zip(judged, probabilities) {
      answers[call] = probabilities.map {
        let answer = ClassifyAnswer(labels, $0)
        return ConfidentAnswer.packed(answer.value(options), confidence: answer.confidence)
      }.nullOnError(options.answersNullOnError)
    }
    return answers
  }
}
