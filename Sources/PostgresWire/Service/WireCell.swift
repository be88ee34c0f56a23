/// One value of a result. Any cell goes into a column of any type: it is converted to the column's type and
/// to the format that the client asked for; one that can't be converted fails the statement.
public enum WireCell: Hashable, Sendable {
  case null
  /// The text form of the column's type: text as it is, a number in decimal, JSON, an array as `{…}`.
  case text(String)
  case integer(Int64)
  case real(Float)
  case double(Double)
  case boolean(Bool)
  /// A one-dimensional array of single-precision numbers.
  case reals([Float])
  /// A one-dimensional array of texts; nil stands for NULL.
  case texts([String?])
}
