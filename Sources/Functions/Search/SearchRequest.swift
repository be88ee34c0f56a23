import Diagnostics

/// A call of ai_search whose arguments are checked as far as that goes without the database.
public struct SearchRequest {
  /// A parameter of ai_search that the database may find fault with.
  package enum Argument: Int {
    case table = 0
    case column = 1
    case query = 2
  }

  /// The table's name as it was given.
  package let table: String
  package let column: String
  /// How many rows are wanted at most.
  package let count: Int
  /// What embeds texts, or why nothing can: a column of embeddings that is searched by an embedding needs no model.
  package let embedder: Result<TextEmbedder, SibylError>
  private let query: Value
  private let context: CallContext

  init(
    table: String, column: String, query: Value, count: Int, embedder: Result<TextEmbedder, SibylError>,
    context: CallContext
  ) {
    self.table = table
    self.column = column
    self.query = query
    self.count = count
    self.embedder = embedder
    self.context = context
  }

  /// The fault of an argument: `ai_search: argument 1 (table) …`.
  package func argumentError(_ argument: Argument, _ fault: String) -> SibylError {
    context.argumentError(argument.rawValue, fault)
  }

  /// The vector that is looked for; nil where the query is blank or has no direction, and nothing is near it.
  package func queryVector() throws(SibylError) -> [Float]? {
    switch query {
    case .text(let text):
      guard !text.isBlank else { return nil }
      let embedder = try embedder.get()
      return try embedder.embeddings(of: [text], host: context.host)[0].get().values
    case .blob(let bytes):
      do throws(SibylError) {
        let embedding = try Embedding(blob: bytes)
        return embedding.values.contains { $0 != 0 } ? embedding.values : nil
      } catch {
        throw argumentError(.query, error.message)
      }
    default: return nil
    }
  }
}
