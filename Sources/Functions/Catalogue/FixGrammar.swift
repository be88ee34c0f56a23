import Diagnostics
import Tokenization

extension AIFunction {
  static let fixGrammar = AIFunction(
    name: "ai_fix_grammar",
    summary: "A text with its spelling and grammar put right.",
    details: """
      Long texts are corrected piece by piece, and the pieces put together. Small models sometimes change more than they \
      should: compare before you overwrite anything. Blank text stays as it is. \(WritingOptions.documentation)
      """,
    parameters: [.text("The text to correct."), .writingOptions],
    returns: .text,
    examples: [Example("SELECT ai_fix_grammar('she go to school every days');", gives: nil)],
    isCached: true,
    model: .generation(options: 1)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options.
    let options = calls.first?.decoded(1, as: WritingOptions.self) ?? WritingOptions()
    let rewriting = Rewriting { piece in
      [
        ChatMessage(
          .user,
          "Correct the spelling and grammar of the text below. Answer with the corrected text only.\n\n\(piece)"
        )
      ]
    }
    return try rewriting.answers(to: calls.map { $0.text(0) }, options, context).map { answer in
      answer.map { $0.map(Value.text) ?? .null }
    }
  }
}
