import Diagnostics
import Tokenization

extension AIFunction {
  static let generate = AIFunction(
    name: "ai_generate",
    aliases: ["ai_gen"],
    summary: "What a language model answers to a prompt.",
    details: """
      The prompt is put to the model as a user's message. Answers end by themselves or after max_tokens, 256 by \
      default. The same prompt gives the same answer, unless a temperature is set; then the seed decides. \
      \(WritingOptions.documentation)
      """,
    parameters: [
      Parameter("prompt", .text, "What the model is to answer."),
      .writingOptions,
    ],
    returns: .text,
    examples: [
      Example(
        "SELECT ai_generate('Name the capital of France in one word.', '{\"max_tokens\": 8}');", gives: nil)
    ],
    isCached: true,
    model: .generation(options: 1)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the options.
    let options = calls.first?.decoded(1, as: WritingOptions.self) ?? WritingOptions()
    let asked = calls.indices.filter { !calls[$0].text(0).isBlank }
    var answers = [Result<Value, SibylError>](
      repeating: options.answersNullOnError
        ? .success(.null)
        : .failure(context.argumentError(0, "must not be blank: there is nothing to answer")),
      count: calls.count)
    let written = try context.write(
      asked.map { [ChatMessage(.user, calls[$0].text(0))] }, options, maximumTokens: 256)
    for (call, answer) in zip(asked, written) { answers[call] = answer.map { $0.map(Value.text) ?? .null } }
    return answers
  }
}
