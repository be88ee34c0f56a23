/// A value in a call: a literal of the statement or a bound parameter.
public enum WireValue: Hashable, Sendable {
  case null
  /// Text, or any type whose text form the service reads itself (`jsonb`, `vector`, …).
  case text(String)
  /// A number as it was written: digits with an optional sign, point and exponent, or `NaN`, `Infinity` and
  /// `-Infinity` where the type is a floating-point one.
  case number(String)
  case boolean(Bool)
  /// An array; an element is null, text, a number, a boolean, or (one level, for two-dimensional arrays, all
  /// of one length) an array again.
  case array([WireValue])

  /// The text form that PostgreSQL gives this value (`array_out`, `boolout`, …); nil for NULL.
  public var text: String? {
    switch self {
    case .null: return nil
    case .text(let text), .number(let text): return text
    case .boolean(let value): return value ? "t" : "f"
    case .array:
      var bytes: [UInt8] = []
      ArrayText.write(self, into: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
