import Diagnostics
import Inference
import Sampling
import Tokenization

extension AIFunction {
  static let filter = AIFunction(
    name: "ai_filter",
    summary: "Whether a text meets a condition that is told in words: 1 or 0.",
    details: """
      For WHERE. The model is asked for yes or no, and the more probable one of the two is the answer. The condition is \
      read once for all rows of a query. Small models judge plain conditions about the subject of a text; for moods and \
      topics ai_sentiment and ai_classify are faster and better. Blank text gives NULL. \
      \(WritingOptions.documentation)
      """,
    parameters: [
      .text("The text to judge."),
      Parameter("condition", .text, "What must be true of the text, such as 'mentions a refund'."),
      .writingOptions,
    ],
    returns: .boolean,
    examples: [
      Example(
        "SELECT ai_filter('I want my money back', 'the writer asks for a refund') IS NOT NULL;", gives: "1",
        inPostgres: "t")
    ],
    isCached: true,
    model: .generation(options: 2)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options.
    let options = calls.first?.decoded(2, as: WritingOptions.self) ?? WritingOptions()
    let generator = try context.generator()
    let encoder = try generator.chatEncoder(template: options.chatTemplate)
    let judged = calls.indices.filter { !calls[$0].text(0).isBlank }
    let prompts = judged.map { row in
      encoder.encode(
        options.addingSystem(to: [
          ChatMessage(
            .user,
            "Condition: \(calls[row].text(1))\n\nDoes the text below meet the condition? Answer Yes or No.\n\nText: "
              + calls[row].text(0))
        ]))
    }
    let choices = ["Yes", "No"].map { generator.tokenizer.encode($0) }
    let scores = try generator.judge(prompts, choices: choices, isCancelled: context.host.isCancelled)
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    for (row, score) in zip(judged, scores) {
      answers[row] = score.map { .integer($0[0] > $0[1] ? 1 : 0) }
      if options.answersNullOnError, case .failure = score { answers[row] = .success(.null) }
    }
    return answers
  }
}
