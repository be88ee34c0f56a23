/// How Sibyl is installed in a database.
public struct Installation: Hashable, Sendable {
  /// The schema of the public functions.
  public let schema: String
  /// The version of Sibyl that installed it last.
  public let sibylVersion: String
  public let address: BridgeAddress
  /// `real[]` or `vector`.
  public let embeddingType: String
  /// Whether the extension dblink was not there before.
  let ownsDblink: Bool
}
