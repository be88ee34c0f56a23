/// Strings with C-style escapes: `E'…'` (PostgreSQL documentation, 4.1.2.2).
extension StatementScanner {
  /// Takes the string that begins with the quote standing here.
  mutating func takeEscapeString() throws(WireError) -> String {
    let start = position
    position += 1
    var plain: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "'"):
        if current != UInt8(ascii: "'") {
          guard let text = String(validating: plain, as: UTF8.self), !plain.contains(0) else {
            position = start
            throw error(.invalidEncoding, "invalid byte sequence for encoding \"UTF8\" in an E'…' string")
          }
          return text
        }
        plain.append(byte)
        position += 1
      case UInt8(ascii: "\\"): try takeEscape(into: &plain)
      default: plain.append(byte)
      }
    }
    position = start
    throw error(.syntaxError, "unterminated quoted string")
  }

  /// Takes what follows a backslash.
  private mutating func takeEscape(into plain: inout [UInt8]) throws(WireError) {
    guard let byte = current else { return }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "f"): plain.append(0x0C)
    case UInt8(ascii: "n"): plain.append(0x0A)
    case UInt8(ascii: "r"): plain.append(0x0D)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      plain.append(UInt8(truncatingIfNeeded: takeDigits(radix: 8, atMost: 3).value))
    case UInt8(ascii: "x"):
      let (value, count) = takeDigits(radix: 16, atMost: 2)
      plain.append(count == 0 ? byte : UInt8(truncatingIfNeeded: value))
    case UInt8(ascii: "u"): try takeUnicode(digits: 4, into: &plain)
    case UInt8(ascii: "U"): try takeUnicode(digits: 8, into: &plain)
    default: plain.append(byte)
    }
  }

  /// Takes a code point's digits; a surrogate must be followed by its other half.
  private mutating func takeUnicode(digits: Int, into plain: inout [UInt8]) throws(WireError) {
    let start = position
    let (value, count) = takeDigits(radix: 16, atMost: digits)
    var code = value
    if count == digits, (0xD800...0xDBFF).contains(code), current == UInt8(ascii: "\\") {
      position += 1
      let digits = current == UInt8(ascii: "u") ? 4 : current == UInt8(ascii: "U") ? 8 : 0
      position += digits > 0 ? 1 : 0
      let (low, lowCount) = takeDigits(radix: 16, atMost: digits)
      if digits > 0, lowCount == digits, (0xDC00...0xDFFF).contains(low) {
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
    }
    guard count == digits, code != 0, let scalar = Unicode.Scalar(code) else {
      position = start
      throw error(.syntaxError, "invalid Unicode escape: expected \\uXXXX or \\UXXXXXXXX")
    }
    plain.append(contentsOf: String(scalar).utf8)
  }

  private mutating func takeDigits(radix: UInt32, atMost limit: Int) -> (value: UInt32, count: Int) {
    var value: UInt32 = 0
    var count = 0
    while count < limit, let byte = current, let digit = Self.digit(byte), digit < radix {
      value = value &* radix &+ digit
      position += 1
      count += 1
    }
    return (value, count)
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
