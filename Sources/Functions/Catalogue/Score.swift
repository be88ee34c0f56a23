import Diagnostics
import Models

extension AIFunction {
  static let score = AIFunction(
    name: "ai_score",
    summary: "How relevant a text is to a query, from 0 to 1.",
    details: """
      Above 0.5 the text is more likely about the query's matter than not. For ranking it does the same as \
      ai_similarity; the number is easier to put a threshold on. Blank text or a blank query gives NULL.
      """,
    parameters: [
      .text("The text to judge."),
      Parameter("query", .text, "What it should be about."),
    ],
    returns: .real,
    examples: [
      Example(
        "SELECT ai_score('I want my money back', 'refund') > ai_score('The weather is lovely', 'refund');",
        gives: "1",
        inPostgres: "t")
    ],
    isCached: true,
    model: .embedding
  ) { (context, calls) throws(SibylError) in
    let judged = calls.indices.filter { !calls[$0].text(0).isBlank && !calls[$0].text(1).isBlank }
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    let texts = judged.map { calls[$0].text(0) } + judged.map { calls[$0].text(1) }
    let embeddings = texts.isEmpty ? [] : try context.embeddings(of: texts)
    for (position, call) in judged.enumerated() {
      let cosine = embeddings[position].cosine(with: embeddings[judged.count + position])
      answers[call] = .success(
        cosine.map { .real(Double(RelevanceCalibration.relevance(cosine: Float($0)))) } ?? .null)
    }
    return answers
  }
}
