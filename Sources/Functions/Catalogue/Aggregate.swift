import Diagnostics
import Tokenization

extension AIAggregate {
  static let aggregate = AIAggregate(
    name: "ai_agg",
    summary: "What a language model answers to an instruction about all texts of a group.",
    details: """
      An aggregate function, for GROUP BY. The texts are put to the model as a list. Where they are more than it can read \
      at once, they are answered in parts, and then the answers are put together, level by level, until one is left: no \
      row is left out, however many there are. NULL and blank texts say nothing; a group without any other gives NULL. The \
      instruction and the options must be the same for every row of a group. A group's texts are kept in memory until its \
      last row, at most \(Limits.maximumGroupBytes >> 20) MiB of them. Answers have at most 256 tokens, unless max_tokens \
      says otherwise. The order of the rows matters to the model, and the answer is kept for the texts in their order. \
      \(WritingOptions.documentation)
      """,
    text: "A row's text.",
    parameters: [
      Parameter(
        "instruction", .text, "What is to be done with the texts: 'What do customers complain about?'"),
      .writingOptions,
    ],
    returns: .text,
    examples: [
      Example(
        "SELECT ai_agg(body, 'What do these customers complain about?', '{\"max_tokens\": 40}') FROM ("
          + "SELECT 'The parcel was two weeks late' AS body UNION ALL SELECT 'It arrived broken') AS reviews;",
        gives: nil)
    ],
    model: .generation(options: 2)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options, but not the instruction.
    let options = calls.first?.decoded(2, as: WritingOptions.self) ?? WritingOptions()
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    var subjects: [(row: Int, subject: Condensation.Subject)] = []
    for (row, call) in calls.enumerated() {
      let instruction = call.text(1)
      guard !instruction.isBlank else {
        answers[row] = .failure(
          context.argumentError(1, "must say what to do with the texts; got blank text"))
        continue
      }
      let texts = call.texts(0).filter { !$0.isBlank }
      guard !texts.isEmpty else { continue }
      subjects.append(
        (
          row,
          Condensation.Subject(
            texts: texts, mark: "- ",
            question: { texts in
              [ChatMessage(.user, "\(instruction)\n\nAnswer from all of the texts below.\n\n\(texts)")]
            },
            combination: { answers in
              [
                ChatMessage(
                  .user,
                  "\(instruction)\n\nEach answer below was given from a part of the texts. Put them together into one "
                    + "answer.\n\n\(answers)")
              ]
            })
        ))
    }
    guard !subjects.isEmpty else { return answers }
    let condensation = Condensation(
      maximumTokens: options.maximumTokens ?? 256, writer: try ModelWriter(options, context))
    for (one, answer) in zip(subjects, try condensation.answers(to: subjects.map(\.subject))) {
      answers[one.row] = answer.map { $0.map(Value.text) ?? .null }
    }
    return answers
  }
}
