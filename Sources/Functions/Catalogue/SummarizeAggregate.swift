import Diagnostics

extension AIAggregate {
  static let summarizeAggregate = AIAggregate(
    name: "ai_summarize_agg",
    summary: "All texts of a group in few words.",
    details: """
      An aggregate function, for GROUP BY: ai_summarize for the rows of a group together. What is more than the model can \
      read at once is summarised in parts, and then the summaries, level by level, until one is left: no row is left out, \
      however many there are. With "method": "extractive" the encoder chooses sentences of the texts instead. A summary \
      never has more than "max_words" words (100 by default). NULL and blank texts say nothing; a group without any \
      other gives NULL. The options must be the same for every row of a group. A group's texts are kept in memory until its \
      last row, at most \(Limits.maximumGroupBytes >> 20) MiB of them. \(WritingOptions.documentation)
      """,
    text: "A row's text.",
    parameters: [
      .options {
        json throws(SibylError) in try SummaryOptions(json, takesWords: true)
      }
    ],
    returns: .text,
    examples: [
      Example(
        "SELECT ai_summarize_agg(body, '{\"max_words\": 12}') FROM (SELECT 'The parcel was two weeks late' AS body "
          + "UNION ALL SELECT 'It arrived broken') AS reviews;", gives: nil)
    ],
    model: SummaryOptions.model(options: 1)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options.
    let options = calls.first?.decoded(1, as: SummaryOptions.self) ?? SummaryOptions()
    let words = options.maximumWords ?? 100
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    let groups = calls.map { $0.texts(0).filter { !$0.isBlank } }
    let rows = groups.indices.filter { !groups[$0].isEmpty }
    guard !rows.isEmpty else { return answers }
    let summaries =
      switch options.method {
      case .abstractive:
        try context.writtenSummaries(of: rows.map { groups[$0] }, mark: "- ", words: words, options.writing)
      case .extractive:
        // A paragraph a row, so that no sentence goes on in the next row.
        try context.chosenSummaries(of: rows.map { groups[$0].joined(separator: "\n\n") }, words: words)
          .map { Result<String?, SibylError>.success($0) }
      }
    for (row, summary) in zip(rows, summaries) { answers[row] = summary.map { $0.map(Value.text) ?? .null } }
    return answers
  }
}
