/// A metadata value of a GGUF file, widened to the largest type of its kind.
public enum GGUFValue: Hashable, Sendable {
  case unsigned(UInt64)
  case signed(Int64)
  case float(Double)
  case boolean(Bool)
  /// Bytes that are not UTF-8 have been replaced by U+FFFD.
  case text(String)
  case array([GGUFValue])
  /// An array of texts, which a vocabulary makes large.
  case texts(GGUFTexts)

  /// The value as an integer where it is a whole number that fits.
  public var integer: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .signed(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The value as a number where it is one.
  public var number: Double? {
    switch self {
    case .unsigned(let value): Double(value)
    case .signed(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// What the value is, in words for an error's sentence.
  var typeDescription: String {
    switch self {
    case .unsigned, .signed: "a whole number"
    case .float: "a number"
    case .boolean: "true or false"
    case .text: "a text"
    case .array: "a list"
    case .texts: "a list of texts"
    }
  }
}
