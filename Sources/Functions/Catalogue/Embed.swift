import Diagnostics

extension AIFunction {
  static let embed = AIFunction(
    name: "ai_embed",
    summary: "The embedding of a text: a vector that lies near those of texts with a similar meaning.",
    details: """
      A blob of little-endian float32 values of length 1, which is what sqlite-vec reads: 384 of them (1,536 \
      bytes) with the default model. A text longer than the model reads at once is embedded window by window, \
      and the windows are averaged by their number of tokens; a model on a server gets the text whole. Blank text has an embedding too, so that a \
      column of embeddings has no holes; it means nothing.
      """,
    parameters: [.text("The text to embed."), .embeddingModel],
    returns: .embedding,
    examples: [
      Example(
        "SELECT length(ai_embed('The parcel never arrived'));", gives: "1536",
        postgres: .init("SELECT cardinality(ai_embed('The parcel never arrived')::real[]);", gives: "384")),
      Example(
        "SELECT typeof(ai_embed(NULL));", gives: "null",
        postgres: .init("SELECT ai_embed(NULL) IS NULL;", gives: "t")),
    ],
    isCached: true,
    model: .embedding(parameter: 1)
  ) { (context, calls) throws(SibylError) in
    let batch = try context.encode(calls.map { $0.text(0) }, .sentenceEmbedding)
    return calls.indices.map { .success(.blob(Embedding(batch[$0]).blob)) }
  }
}
