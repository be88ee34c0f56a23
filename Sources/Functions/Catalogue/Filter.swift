import Diagnostics
import Inference
import Sampling
import Tokenization

extension AIFunction {
  static let filter = AIFunction(
    name: "ai_filter",
    summary: "Whether a text meets a condition that is told in words: 1 or 0.",
    details: """
      For WHERE. By default the encoder answers, by how near the text is to the condition: fast, and fit for what a text \
      is about ("the text is about sports", "mentions a refund"); it can't reason, count or tell who feels what, so for \
      moods use ai_sentiment, for one of several topics ai_classify. With "model" in the options a decoder is asked for \
      yes or no, and the more probable one is the answer; the condition is read once for all rows of a query. That needs \
      a model of billions of parameters: smollm2 answers at chance. Blank text gives NULL. \
      \(WritingOptions.documentation) \(CascadeOptions.documentation)
      """,
    parameters: [
      .text("The text to judge."),
      Parameter("condition", .text, "What must be true of the text, such as 'mentions a refund'."),
      .options { json throws(SibylError) in try FilterOptions(json) },
    ],
    returns: .boolean,
    examples: [
      Example(
        "SELECT ai_filter('I want my money back', 'the writer asks for a refund');", gives: "1",
        inPostgres: "t")
    ],
    isCached: true,
    model: .embedding(
      named: { $0.decoded(2, as: FilterOptions.self)?.writing.model },
      further: { $0.decoded(2, as: FilterOptions.self)?.cascade?.target }),
    prepare: { (context, calls) throws(SibylError) in
      guard let options = calls.first?.decoded(2, as: FilterOptions.self), options.cascade != nil else {
        return
      }
      for (condition, texts) in textsByCondition(calls) {
        try ConditionCascade(condition: condition, options, context)?.prepare(texts.map(\.text))
      }
    }
  ) { (context, calls) throws(SibylError) in
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    let judged = calls.indices.filter { !calls[$0].text(0).isBlank && !calls[$0].text(1).isBlank }
    let options = calls.first?.decoded(2, as: FilterOptions.self) ?? FilterOptions()
    if options.cascade != nil {
      for (condition, texts) in textsByCondition(calls) {
        guard let cascade = ConditionCascade(condition: condition, options, context) else { continue }
        for (row, isMet) in zip(texts.map(\.row), try cascade.answers(for: texts.map(\.text))) {
          answers[row] = isMet.map { .integer($0 ? 1 : 0) }.nullOnError(options.writing.answersNullOnError)
        }
      }
      return answers
    }
    guard try context.requireModel().manifest.kind == .decoder else {
      let isMet = try context.meets(judged.map { (text: calls[$0].text(0), condition: calls[$0].text(1)) })
      for (row, isMet) in zip(judged, isMet) { answers[row] = .success(.integer(isMet ? 1 : 0)) }
      return answers
    }
    let writing = options.writing
    let questions = judged.map { row in
      writing.addingSystem(to: [
        ChatMessage(
          .user,
          "Condition: \(calls[row].text(1))\n\nDoes the text below meet the condition? Answer Yes or No.\n\nText: "
            + calls[row].text(0))
      ])
    }
    let scores = try context.languageModel(chatTemplate: writing.chatTemplate).judge(
      questions, choices: ["Yes", "No"], severalFit: false, isCancelled: context.host.isCancelled)
    for (row, score) in zip(judged, scores) {
      answers[row] = score.map { .integer($0[0] > $0[1] ? 1 : 0) }.nullOnError(writing.answersNullOnError)
    }
    return answers
  }

  /// Rows and texts of calls that can be judged, for each condition; all calls of a batch share the options.
  private static func textsByCondition(
    _ calls: [Arguments]
  ) -> [(condition: String, texts: [(row: Int, text: String)])] {
    let judged = calls.indices.filter { !calls[$0].text(0).isBlank && !calls[$0].text(1).isBlank }
    // By bytes: Swift's strings are equal across Unicode spellings.
    return Dictionary(grouping: judged) { Array(calls[$0].text(1).utf8) }.values.map { rows in
      (calls[rows[0]].text(1), rows.map { (row: $0, text: calls[$0].text(0)) })
    }
  }
}
