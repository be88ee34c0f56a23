/// What the bridge has to know once its functions are installed.
public struct InstalledBridge: Sendable, CustomStringConvertible {
  /// The user and the password by which PostgreSQL's sessions make themselves known to the bridge.
  public let user: String
  public let password: String
  /// The schema of the public functions.
  public let schema: String
  /// The role that owns everything.
  public let owner: String
  /// The number of the last migration.
  public let schemaVersion: Int
  public let embeddingType: PostgresEmbeddingType
  /// What was done, in words for a log; empty where everything was there already.
  public let changes: [String]

  /// Without the password, so that it may be printed.
  public var description: String {
    "Sibyl's functions in the schema \(schema), owned by \(owner), tables of version \(schemaVersion), embeddings as "
      + "\(embeddingType)"
  }
}
