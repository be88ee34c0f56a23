import Diagnostics

extension AITable {
  static let search = AITable(
    name: "ai_search",
    summary:
      "The rows of a table whose text or embedding is nearest in meaning to a query, the best first; in SQLite only.",
    details: """
      In PostgreSQL use pgvector with ai_embed. Join the rowid with the table: SELECT r.body, s.score \
      FROM ai_search('reviews', 'body', 'late delivery', 10) AS s JOIN reviews AS r ON r.rowid = s.rowid ORDER BY \
      s.score DESC. The answer is exact: the score is what ai_similarity gives, of equal scores the smaller rowid \
      comes first, and the rows are those that a SELECT would see now. A column of texts is embedded as ai_embed \
      embeds it, through the same cache; a column of blobs holds embeddings and is taken as it is. NULL, blank text \
      and embeddings of zeros are never found. The embeddings stay in memory, 2 KB a row with the default model, up \
      to SIBYL_SEARCH_MEMORY MiB (by default 1024) in the process; a larger column is read again in each search. \
      After a change of the database file, and always in a transaction that has written to it, the table is read \
      again and new texts are embedded. The table must be an ordinary one with rowids.
      """,
    parameters: [
      Parameter("table", .text, "The table's name, which may name its schema too: main.reviews."),
      Parameter("column", .text, "The column that holds texts or embeddings."),
      Parameter("query", .textOrEmbedding, "What the rows should be about: text, or an embedding."),
      Parameter(
        "k", .integer, "How many rows, by default \(defaultCount).", default: .integer(Int64(defaultCount)),
        expected: expectedCount),
      .embeddingModel,
    ],
    columns: [
      Column("rowid", .integer, "The row's rowid."),
      Column("score", .real, "The cosine of the row's embedding and the query's, from -1 to 1."),
    ],
    volatility: .volatile, isInPostgres: false
  ) { (context, call) throws(SibylError) in
    let count = call.integer(3) ?? Int64(defaultCount)
    guard (1...Int64(Limits.maximumSearchCount)).contains(count) else {
      throw context.argumentError(
        3, "must be \(expectedCount); got \(count). To score every row, use ai_similarity")
    }
    let embedder: Result<TextEmbedder, SibylError>
    do throws(SibylError) {
      embedder = .success(
        try TextEmbedder(modelNamed: call.optionalText(4), evaluator: context.evaluator))
    } catch {
      embedder = .failure(error)
    }
    let request = SearchRequest(
      table: call.text(0), column: call.text(1), query: call[2], count: Int(count), embedder: embedder,
      context: context)
    return try context.host.search(request).map { [.integer($0.rowid), .real($0.score)] }
  }

  private static let defaultCount = 10
  private static let expectedCount = "a whole number from 1 to \(Limits.maximumSearchCount)"
}
