import Diagnostics
import Tokenization

extension AIFunction {
  static let translate = AIFunction(
    name: "ai_translate",
    summary: "A text in another language.",
    details: """
      The language is named as one would say it: 'German', 'French'. Long texts are translated piece by piece, and the pieces \
      put together. What comes of it depends on the model: the default one knows little but English; register a \
      larger one for real translations. Blank text stays as it is. \(WritingOptions.documentation)
      """,
    parameters: [
      .text("The text to translate."),
      Parameter("language", .text, "The language to translate to."),
      .writingOptions,
    ],
    returns: .text,
    examples: [Example("SELECT ai_translate('Good morning', 'French');", gives: nil)],
    isCached: true,
    model: .generation(options: 2)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options, but not the language.
    let options = calls.first?.decoded(2, as: WritingOptions.self) ?? WritingOptions()
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    for (language, rows) in Dictionary(grouping: calls.indices, by: { calls[$0].text(1) })
      .sorted(by: { $0.key < $1.key })
    {
      guard !language.isBlank else {
        for row in rows {
          answers[row] = .failure(context.argumentError(1, "must name a language; got blank text"))
        }
        continue
      }
      let rewriting = Rewriting { piece in
        [
          ChatMessage(
            .user, "Translate the text below to \(language). Answer with the translation only.\n\n\(piece)")
        ]
      }
      let written = try rewriting.answers(to: rows.map { calls[$0].text(0) }, options, context)
      for (row, answer) in zip(rows, written) { answers[row] = answer.map { $0.map(Value.text) ?? .null } }
    }
    return answers
  }
}
