/// Where a JSON string stands between two of its bytes: between characters, behind a backslash, or inside a
/// scalar of several bytes (Unicode Standard, table 3-7; RFC 8259, section 7).
enum StringPhase {
  static let plain: UInt8 = 0
  static let escape: UInt8 = 1
  /// How many continuation bytes are still to come.
  static let oneLeft: UInt8 = 2
  static let twoLeft: UInt8 = 3
  static let threeLeft: UInt8 = 4
  /// Behind a lead byte after which not every continuation byte may stand.
  static let afterE0: UInt8 = 5
  static let afterED: UInt8 = 6
  static let afterF0: UInt8 = 7
  static let afterF4: UInt8 = 8
  /// No phase: the byte must not stand here.
  static let invalid: UInt8 = 254
  /// No phase: the byte is the closing quote.
  static let closed: UInt8 = 255

  /// The phase behind a byte.
  ///
  /// Of the escapes, `\u` is left out: what it could spell may stand as it is, but for control characters that
  /// no answer needs.
  @inline(__always)
  static func next(_ phase: UInt8, _ byte: UInt8) -> UInt8 {
    switch phase {
    case plain:
      if byte < 0x80 {
        if byte == UInt8(ascii: "\"") { return closed }
        if byte == UInt8(ascii: "\\") { return escape }
        return byte < 0x20 ? invalid : plain
      }
      switch byte {
      case 0xC2...0xDF: return oneLeft
      case 0xE0: return afterE0
      case 0xED: return afterED
      case 0xE1...0xEF: return twoLeft
      case 0xF0: return afterF0
      case 0xF1...0xF3: return threeLeft
      case 0xF4: return afterF4
      default: return invalid
      }
    case escape:
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        return plain
      default: return invalid
      }
    case oneLeft: return byte & 0xC0 == 0x80 ? plain : invalid
    case twoLeft: return byte & 0xC0 == 0x80 ? oneLeft : invalid
    case threeLeft: return byte & 0xC0 == 0x80 ? twoLeft : invalid
    case afterE0: return byte & 0xE0 == 0xA0 ? oneLeft : invalid
    case afterED: return byte & 0xE0 == 0x80 ? oneLeft : invalid
    case afterF0: return (0x90...0xBF).contains(byte) ? twoLeft : invalid
    case afterF4: return byte & 0xF0 == 0x80 ? twoLeft : invalid
    default: return invalid
    }
  }

  /// How many bytes at least are missing before the string may end.
  @inline(__always)
  static func bytesLeft(_ phase: UInt8) -> Int32 {
    switch phase {
    case plain: 0
    case escape, oneLeft: 1
    case twoLeft, afterE0, afterED: 2
    default: 3
    }
  }
}
