/// One argument of a call.
public struct WireArgument: Hashable, Sendable {
  public var value: WireValue

  /// The name of the argument's type as `format_type` writes it (`text[]`, `real[]`, `bigint`, `jsonb`): from
  /// its cast, from the parameter's declared type, or from `ARRAY[…]`'s elements. Nil for a string, a number or
  /// NULL without a cast. The value is already converted: an argument of type `text[]` holds an array, one of
  /// type `bigint` a number.
  public var typeName: String?

  public init(_ value: WireValue, typeName: String? = nil) {
    self.value = value
    self.typeName = typeName
  }
}
