import Diagnostics

extension JSON {
  /// Nesting deeper than this is refused whatever the caller allows, so that no text exhausts the stack of
  /// a small thread.
  public static let greatestDepth = 1_000

  /// Reads one JSON text (RFC 8259, strictly: no comments, no trailing commas, nothing after the value).
  ///
  /// - Parameter maximumDepth: how deep arrays and objects may nest.
  /// - Throws: `invalidArgument` that names the line, the column and the byte, what was expected there and
  ///   what was found.
  public static func parse(_ text: String, maximumDepth: Int = 128) throws(SibylError) -> JSON {
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(SibylError) in try parse(bytes, maximumDepth: maximumDepth) }
    }
    return try result.get()
  }

  /// Reads one JSON text from bytes, which must be UTF-8.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = 128
  ) throws(SibylError) -> JSON {
    var parser = JSONParser(bytes: bytes, maximumDepth: min(maximumDepth, greatestDepth))
    return try parser.parseText()
  }

  /// Reads one JSON text from bytes, which must be UTF-8.
  public static func parse(_ bytes: [UInt8], maximumDepth: Int = 128) throws(SibylError) -> JSON {
    try bytes.withUnsafeBufferPointer { (bytes) throws(SibylError) in
      try parse(bytes, maximumDepth: maximumDepth)
    }
  }
}

/// A recursive-descent parser, one method a production of RFC 8259's grammar.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let maximumDepth: Int
  private var position = 0
  private var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  mutating func parseText() throws(SibylError) -> JSON {
    skipWhitespace()
    let value = try parseValue()
    skipWhitespace()
    guard position == bytes.count else { throw unexpected("the end of the text") }
    return value
  }

  // MARK: Values

  private mutating func parseValue() throws(SibylError) -> JSON {
    switch current {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .boolean(true))
    case UInt8(ascii: "f"): return try parseWord("false", .boolean(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case .some(let byte) where isDigit(byte) || byte == UInt8(ascii: "-"): return try parseNumber()
    default: throw unexpected("a value")
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(SibylError) -> JSON {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      UnsafeBufferPointer(rebasing: bytes[position..<end]).elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw unexpected("a value (the words are true, false and null)") }
    position = end
    return value
  }

  private mutating func parseArray() throws(SibylError) -> JSON {
    try enter()
    var elements: [JSON] = []
    if current == UInt8(ascii: "]") {
      leave()
      return .array(elements)
    }
    while true {
      elements.append(try parseValue())
      skipWhitespace()
      switch current {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
      case UInt8(ascii: "]"):
        leave()
        return .array(elements)
      default:
        throw unexpected("\",\" or \"]\" after an array's element")
      }
    }
  }

  private mutating func parseObject() throws(SibylError) -> JSON {
    try enter()
    var object = JSONObject()
    if current == UInt8(ascii: "}") {
      leave()
      return .object(object)
    }
    while true {
      guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let key = try parseString()
      skipWhitespace()
      guard current == UInt8(ascii: ":") else { throw unexpected("\":\" after an object's key") }
      position += 1
      skipWhitespace()
      object.append(key, try parseValue())
      skipWhitespace()
      switch current {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
      case UInt8(ascii: "}"):
        leave()
        return .object(object)
      default:
        throw unexpected("\",\" or \"}\" after an object's member")
      }
    }
  }

  private mutating func enter() throws(SibylError) {
    guard depth < maximumDepth else {
      throw failure("arrays and objects nest deeper than \(maximumDepth) levels", at: position)
    }
    depth += 1
    position += 1
    skipWhitespace()
  }

  private mutating func leave() {
    depth -= 1
    position += 1
  }

  // MARK: Numbers

  private mutating func parseNumber() throws(SibylError) -> JSON {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let isNegative = position > start
    if current == UInt8(ascii: "0") {
      position += 1
      if isDigit(current) {
        throw failure("a number must not begin with a zero that more digits follow", at: position - 1)
      }
    } else {
      try skipDigits()
    }
    var isWhole = true
    if current == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      try skipDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try skipDigits()
    }
    if isWhole, let value = wholeNumber(from: start, isNegative: isNegative) { return value }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw failure("a number is outside the range of a double", at: start)
    }
    return .number(value)
  }

  /// The integer between `start` and the position; nil for -0, which only a double can hold, and where it
  /// does not fit 64 bits.
  private func wholeNumber(from start: Int, isNegative: Bool) -> JSON? {
    var value: Int64 = 0
    for index in (isNegative ? start + 1 : start)..<position {
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(bytes[index] &- UInt8(ascii: "0"))
      // Counting downwards for negative numbers reaches Int64.min, which has no positive twin.
      let (sum, overflowedToo) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if overflowed || overflowedToo { return nil }
      value = sum
    }
    return value == 0 && isNegative ? nil : .integer(value)
  }

  private mutating func skipDigits() throws(SibylError) {
    guard isDigit(current) else { throw unexpected("a digit") }
    while isDigit(current) { position += 1 }
  }

  private func isDigit(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte &- UInt8(ascii: "0") < 10
  }

  // MARK: Strings

  private mutating func parseString() throws(SibylError) -> String {
    position += 1
    let start = position
    try skipPlainCharacters()
    if current == UInt8(ascii: "\"") {
      let text = try decode(UnsafeBufferPointer(rebasing: bytes[start..<position]), at: start)
      position += 1
      return text
    }
    // An escape: from here on the characters are gathered.
    var gathered = Array(bytes[start..<position])
    while true {
      switch current {
      case UInt8(ascii: "\""):
        position += 1
        return try gathered.withUnsafeBufferPointer { (gathered) throws(SibylError) in
          try decode(gathered, at: start)
        }
      case UInt8(ascii: "\\"):
        try parseEscape(into: &gathered)
      default:
        let from = position
        try skipPlainCharacters()
        gathered.append(contentsOf: bytes[from..<position])
      }
    }
  }

  /// Moves to the closing quote or the next escape.
  private mutating func skipPlainCharacters() throws(SibylError) {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      if byte < 0x20 {
        throw failure(
          "a control character (\(hexadecimal(byte))) stands in a string, where it must be escaped",
          at: position)
      }
      position += 1
    }
    throw unexpected("the closing quote of a string")
  }

  private mutating func parseEscape(into gathered: inout [UInt8]) throws(SibylError) {
    let start = position
    position += 1
    switch current {
    case UInt8(ascii: "\""): gathered.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): gathered.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): gathered.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): gathered.append(0x08)
    case UInt8(ascii: "f"): gathered.append(0x0C)
    case UInt8(ascii: "n"): gathered.append(0x0A)
    case UInt8(ascii: "r"): gathered.append(0x0D)
    case UInt8(ascii: "t"): gathered.append(0x09)
    case UInt8(ascii: "u"):
      position += 1
      let scalar = try parseUnicodeEscape(at: start)
      gathered.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      return
    default:
      throw unexpected("one of \" \\ / b f n r t u after a backslash")
    }
    position += 1
  }

  private mutating func parseUnicodeEscape(at start: Int) throws(SibylError) -> Unicode.Scalar {
    let unit = try parseHexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // What is no scalar is a surrogate: only a high one with a low one behind it means a character.
    if unit < 0xDC00, current == UInt8(ascii: "\\"), byte(at: position + 1) == UInt8(ascii: "u") {
      position += 2
      let low = try parseHexadecimal()
      if 0xDC00...0xDFFF ~= low,
        let scalar = Unicode.Scalar(0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(low - 0xDC00))
      {
        return scalar
      }
    }
    throw failure("a string holds half of a surrogate pair", at: start)
  }

  private mutating func parseHexadecimal() throws(SibylError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      switch current {
      case .some(let byte) where byte &- UInt8(ascii: "0") < 10:
        unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
      case .some(let byte) where (byte | 0x20) &- UInt8(ascii: "a") < 6:
        unit = unit << 4 | UInt16((byte | 0x20) - UInt8(ascii: "a") + 10)
      default:
        throw unexpected("four hexadecimal digits after \\u")
      }
      position += 1
    }
    return unit
  }

  private func decode(_ text: UnsafeBufferPointer<UInt8>, at start: Int) throws(SibylError) -> String {
    guard let string = String(validating: text, as: UTF8.self) else {
      throw failure("a string is not valid UTF-8", at: start)
    }
    return string
  }

  // MARK: Bytes

  private var current: UInt8? { byte(at: position) }

  private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  // MARK: Errors

  private func unexpected(_ expected: String) -> SibylError {
    let found: String
    switch current {
    case nil: found = position == 0 ? "an empty text" : "the end of the text"
    case .some(let byte) where 0x20 < byte && byte < 0x7F: found = "\"\(Character(Unicode.Scalar(byte)))\""
    case .some(let byte): found = "the byte \(hexadecimal(byte))"
    }
    return failure("expected \(expected), found \(found)", at: position)
  }

  private func failure(_ sentence: String, at index: Int) -> SibylError {
    var line = 1
    var column = 1
    for byte in bytes[..<index] {
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return SibylError(
      .invalidArgument, "invalid JSON at line \(line), column \(column) (byte \(index)): \(sentence)")
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0x0" : "0x") + String(byte, radix: 16, uppercase: true)
  }
}
