/// How embeddings come out of `ai_embed`.
public enum PostgresEmbeddingType: Hashable, Sendable, CustomStringConvertible {
  /// An array of 32-bit numbers, which every PostgreSQL has.
  case realArray
  /// pgvector's type, where that extension is installed.
  /// - Parameter schema: where the extension's objects are.
  case vector(schema: String)

  /// The name that `sibyl.installation` keeps.
  public var description: String {
    switch self {
    case .realArray: "real[]"
    case .vector: "vector"
    }
  }
}
