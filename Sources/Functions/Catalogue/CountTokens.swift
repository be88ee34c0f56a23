import Diagnostics

extension AIFunction {
  static let countTokens = AIFunction(
    name: "ai_count_tokens",
    summary: "How many tokens a model cuts a text into.",
    details: """
      Counts the text's own tokens, without the two marks that the model adds around each window it reads. \
      The counts of pieces that were cut at white space add up to that of the whole.
      """,
    parameters: [.text("The text to count."), .embeddingModel],
    returns: .integer,
    examples: [Example("SELECT ai_count_tokens('Hello, world!');", gives: "4")],
    model: .embedding(parameter: 1),
    eachCall: { (context, call) throws(SibylError) in
      .integer(Int64(try context.tokenizer().tokenCount(call.text(0))))
    })
}
