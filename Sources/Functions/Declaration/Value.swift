/// A value as SQL knows it: what functions take and what they answer.
public enum Value: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

extension Value {
  public var isNull: Bool {
    if case .null = self { return true }
    return false
  }

  /// What the value is, for an error's sentence: `must be text; got a blob of 4 bytes`.
  public var typeDescription: String {
    switch self {
    case .null: "NULL"
    case .integer(let value): "the number \(value)"
    case .real(let value): "the number \(Value.text(of: value))"
    case .text(let text): "text of \(text.utf8.count) bytes"
    case .blob(let bytes): "a blob of \(bytes.count) byte\(bytes.count == 1 ? "" : "s")"
    }
  }

  /// Bytes that the value occupies outside the enum itself.
  var byteCount: Int {
    switch self {
    case .null, .integer, .real: 0
    case .text(let text): text.utf8.count
    case .blob(let bytes): bytes.count
    }
  }
}
