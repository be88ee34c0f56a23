import Diagnostics

extension AIFunction {
  static let feedback = AIFunction(
    name: "ai_feedback",
    summary: "Stores the right label of a text, which is answered so from then on.",
    details: """
      function_or_classifier is ai_sentiment, ai_emotion or ai_classify, or the name of a classifier of ai_train; right_label is one \
      of the labels that it knows. What is told is a row of the table sibyl_feedback of the main database (name, text, \
      label, created; in PostgreSQL sibyl.feedback), written in the transaction around the call: it replaces what was told \
      before of the same text, and deleting the row takes it back. The function or classifier then answers exactly that text, \
      byte for byte, with that label in this database, whatever the cache holds, with probability 1 in scores and against min_confidence and with \
      -1, 0 or 1 as its ai_sentiment_score. For ai_classify it counts wherever the label is among the labels of the \
      call. ai_train(…, '{"from":"feedback"}') learns from it, so that similar texts come out right too. An index over \
      ai_sentiment or ai_classify has to be made anew with REINDEX after a correction. Returns the label.
      """,
    parameters: [
      Parameter(
        "function_or_classifier", .text, "Whose answer is corrected: ai_sentiment, or a classifier's name."),
      .text("The text, exactly as it is asked about."),
      Parameter("right_label", .text, "What the answer should have been."),
    ],
    returns: .text,
    examples: [
      Example(
        "SELECT ai_feedback('ai_sentiment', 'Not bad at all, given the price', 'positive');",
        gives: "positive")
    ],
    volatility: .volatile, session: SessionUse(classifier: 0, stores: .correction),
    eachCall: { (context, call) throws(SibylError) in
      let store = try context.host.requireClassifiers()
      let (name, text, label) = (call.text(0), call.text(1), call.text(2))
      let subject = try Self.subject(name, label, store, context)
      guard !text.isBlank else {
        throw context.argumentError(1, "must not be blank: blank text has no label")
      }
      try store.checkWritable(for: "the correction")
      try store.store(correctionOf: subject, text: text, label: label)
      return .text(label)
    })

  private static var correctable: [String] {
    Set(Catalogue.functions.compactMap { $0.correction?.subject }).sorted()
  }

  /// Under which name a correction is stored.
  private static func subject(
    _ name: String, _ label: String, _ store: any ClassifierStore, _ context: CallContext
  ) throws(SibylError) -> String {
    func check(_ label: String, isAmong labels: [String]) throws(SibylError) {
      guard !labels.contains(where: { $0.utf8.elementsEqual(label.utf8) }) else { return }
      let shown = labels.prefix(12).map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
      let more = labels.count > 12 ? " and \(labels.count - 12) more" : ""
      throw context.argumentError(
        2, "must be one of the labels of \(name): \(shown)\(more); got \"\(label.prefix(40))\"")
    }
    if let function = Catalogue.function(named: name) {
      guard let correction = function.correction, let subject = correction.subject else {
        throw context.argumentError(
          0,
          "must be a function whose label can be corrected (\(Self.correctable.joined(separator: ", "))) or a "
            + "classifier's name; got \(function.name)")
      }
      if let labels = correction.labels { try check(label, isAmong: labels) }
      guard !label.isBlank else { throw context.argumentError(2, "must be a label; got blank text") }
      return subject
    }
    do throws(SibylError) {
      try check(label, isAmong: store.classifier(named: name).labels)
    } catch {
      let known = Self.correctable.joined(separator: ", ")
      guard error.message.hasPrefix("argument 1 ") else { throw error }
      throw SibylError(error.kind, "\(error.message). Functions that can be corrected: \(known)")
    }
    return name
  }
}
