import Diagnostics

extension AIFunction {
  static let similarity = AIFunction(
    name: "ai_similarity",
    summary: "How near two texts are in meaning: the cosine of their embeddings, from -1 to 1.",
    details: """
      Each side is a text or an embedding as ai_embed returns it; embeddings that are stored in a column need \
      no model. Texts of the same meaning lie near 1, unrelated ones near 0. Blank text has no meaning, and \
      the answer is NULL. Texts are embedded through the same cache as ai_embed's, so that the next query on \
      the same column only compares.
      """,
    parameters: [
      Parameter("a", .textOrEmbedding, "A text or an embedding."),
      Parameter("b", .textOrEmbedding, "A text or an embedding."),
    ],
    returns: .real,
    examples: [
      Example(
        "SELECT round(ai_similarity('a red car', 'a red car'), 3);", gives: "1.0",
        postgres: .init("SELECT round(ai_similarity('a red car', 'a red car')::numeric, 3);", gives: "1.000")),
      Example(
        "SELECT ai_similarity('refund my money', 'I want my money back') "
          + "> ai_similarity('refund my money', 'The weather is lovely');", gives: "1", inPostgres: "t"),
    ],
    isCached: true,
    model: ModelUse { call in
      if case (.blob, .blob) = (call[0], call[1]) { .none } else { .embeddingDefault }
    }
  ) { (context, calls) throws(SibylError) in
    let sides = try Sides(of: calls, context)
    return calls.indices.map { sides.similarity($0) }
  }

  /// Both sides of each call as embeddings; all texts are embedded as one batch.
  private struct Sides {
    private let context: CallContext
    private let calls: [Arguments]
    /// The embeddings of the batch's texts, in the order in which `place` numbers them.
    private let embeddings: [Embedding]
    /// For each side of each call, which of the embeddings it is; nil for blobs and blank text.
    private var places: [Int?] = []

    init(of calls: [Arguments], _ context: CallContext) throws(SibylError) {
      self.context = context
      self.calls = calls
      var texts: [String] = []
      for call in calls {
        for side in 0...1 {
          guard let text = call.optionalText(side), !text.isBlank else {
            places.append(nil)
            continue
          }
          texts.append(text)
          places.append(texts.count - 1)
        }
      }
      embeddings = texts.isEmpty ? [] : try context.embeddings(of: texts)
    }

    func similarity(_ call: Int) -> Result<Value, SibylError> {
      do throws(SibylError) {
        guard let a = try side(0, of: call), let b = try side(1, of: call) else { return .success(.null) }
        guard a.values.count == b.values.count else {
          let side = if case .blob = calls[call][0] { 0 } else { 1 }
          throw context.argumentError(
            side,
            "must be an embedding of as many dimensions as the other side's: one has \(a.values.count), "
              + "the other \(b.values.count); embeddings of different models can't be compared")
        }
        return .success(a.cosine(with: b).map { .real($0) } ?? .null)
      } catch {
        return .failure(error)
      }
    }

    private func side(_ side: Int, of call: Int) throws(SibylError) -> Embedding? {
      if let place = places[call * 2 + side] { return embeddings[place] }
      guard case .blob(let bytes) = calls[call][side] else { return nil }
      do throws(SibylError) {
        return try Embedding(blob: bytes)
      } catch {
        throw context.argumentError(side, error.message)
      }
    }
  }
}
