import Diagnostics

extension AIFunction {
  static let summarize = AIFunction(
    name: "ai_summarize",
    summary: "A text in few words.",
    details: """
      The default model writes the summary in its own words, which reads well and may be wrong. With \
      "method": "extractive" the encoder chooses the sentences that stand for the text, in its order: some twenty times \
      faster, and it can't say what the text does not. A text that is longer than the model can read is summarised piece \
      by piece, and then the summaries; nothing is left out. A summary never has more than max_words words (60 by \
      default). Blank text gives NULL. \(WritingOptions.documentation)
      """,
    parameters: [
      .text("The text to summarise."),
      Parameter("max_words", .integer, "The most words of the summary.", default: .integer(60)),
      .options { json throws(SibylError) in try SummaryOptions(json) },
    ],
    returns: .text,
    examples: [
      Example(
        "SELECT ai_summarize('The parcel was two weeks late. It was raining that day. Nobody answered my mails.', 8, "
          + "'{\"method\":\"extractive\"}');", gives: nil)
    ],
    isCached: true,
    model: SummaryOptions.model(options: 2)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options, but not the number of words.
    let options = calls.first?.decoded(2, as: SummaryOptions.self) ?? SummaryOptions()
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    var rowsByWords: [Int: [Int]] = [:]
    for (row, call) in calls.enumerated() where !call.text(0).isBlank {
      let words = call.integer(1) ?? 60
      guard SummaryOptions.words.contains(Int(clamping: words)) else {
        answers[row] = .failure(
          context.argumentError(1, "must be a whole number from 1 to 10000; got \(words)"))
        continue
      }
      rowsByWords[Int(words), default: []].append(row)
    }
    for (words, rows) in rowsByWords.sorted(by: { $0.key < $1.key }) {
      let texts = rows.map { calls[$0].text(0) }
      let summaries =
        switch options.method {
        case .abstractive: try context.writtenSummaries(of: texts.map { [$0] }, words: words, options.writing)
        case .extractive:
          try context.chosenSummaries(of: texts, words: words).map { Result<String?, SibylError>.success($0) }
        }
      for (row, summary) in zip(rows, summaries) {
        answers[row] = summary.map { $0.map(Value.text) ?? .null }
      }
    }
    return answers
  }
}
