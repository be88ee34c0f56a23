/// A value for `$1`, `$2`, … of a statement.
public enum PostgresParameter: Sendable {
  case null
  /// The text form of a value of any type; PostgreSQL takes the type from where the parameter stands.
  case text(String)
  case integer(Int64)
  case real(Double)
  /// `bytea`.
  case bytes([UInt8])
  /// `text[]`.
  case texts([String?])
  /// `bytea[]`.
  case byteArrays([[UInt8]])
}
