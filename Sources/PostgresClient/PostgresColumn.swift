/// A column of a result.
public struct PostgresColumn: Hashable, Sendable {
  public let name: String
  /// The type's object identifier in `pg_type`.
  public let type: UInt32
}
