/// The lexical level of a statement: white space, comments, names, literals (PostgreSQL documentation,
/// "Lexical Structure"). Strings conform to the standard: a backslash is a backslash outside of `E'…'`.
struct StatementScanner {
  /// A name as the statement means it: folded to lower case unless it is quoted.
  struct Identifier {
    var text: String
    var isQuoted: Bool
  }

  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  /// Set by the parser of settings: the value of `SET TIME ZONE` follows without a sign.
  var followsTimeZoneWords = false

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position >= bytes.count }
  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func byte(at offset: Int) -> UInt8? {
    let place = position + offset
    return place < bytes.count ? bytes[place] : nil
  }

  // MARK: Space and signs

  /// Skips white space and comments; comments between slash-stars nest.
  mutating func skipSpace() throws(WireError) {
    while position < bytes.count {
      let byte = bytes[position]
      if ASCII.isSpace(byte) {
        position += 1
      } else if byte == UInt8(ascii: "-"), self.byte(at: 1) == UInt8(ascii: "-") {
        while let next = current, next != UInt8(ascii: "\n"), next != UInt8(ascii: "\r") { position += 1 }
      } else if byte == UInt8(ascii: "/"), self.byte(at: 1) == UInt8(ascii: "*") {
        try skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(WireError) {
    let start = position
    var depth = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "/"), byte(at: 1) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if bytes[position] == UInt8(ascii: "*"), byte(at: 1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
        if depth == 0 { return }
      } else {
        position += 1
      }
    }
    position = start
    throw error(.syntaxError, "unterminated /* comment")
  }

  /// Takes one sign, where it stands exactly here.
  mutating func take(_ sign: UInt8) -> Bool {
    guard current == sign else { return false }
    position += 1
    return true
  }

  mutating func takeCastOperator() -> Bool {
    guard current == UInt8(ascii: ":"), byte(at: 1) == UInt8(ascii: ":") else { return false }
    position += 2
    return true
  }

  mutating func skipDigits() {
    while let byte = current, ASCII.isDigit(byte) { position += 1 }
  }

  // MARK: Names

  static func startsName(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  static func continuesName(_ byte: UInt8) -> Bool {
    startsName(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "$")
  }

  /// Takes an unquoted word in lower case, behind white space; nil where none begins.
  mutating func takeWord() throws(WireError) -> String? {
    try skipSpace()
    guard let first = current, Self.startsName(first) else { return nil }
    return try takeUnquotedName()
  }

  /// Takes one certain unquoted word, behind white space.
  mutating func take(word: StaticString) throws(WireError) -> Bool {
    try skipSpace()
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for (place, byte) in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
      .enumerated()
    where ASCII.lowercased(bytes[position + place]) != byte {
      return false
    }
    if end < bytes.count, Self.continuesName(bytes[end]) { return false }
    position = end
    return true
  }

  /// Takes a name, quoted or not, behind white space; nil where none begins.
  mutating func takeIdentifier() throws(WireError) -> Identifier? {
    try skipSpace()
    guard let first = current else { return nil }
    if first == UInt8(ascii: "\"") { return Identifier(text: try takeQuotedName(), isQuoted: true) }
    guard Self.startsName(first) else { return nil }
    return Identifier(text: try takeUnquotedName(), isQuoted: false)
  }

  private mutating func takeUnquotedName() throws(WireError) -> String {
    let start = position
    while let byte = current, Self.continuesName(byte) { position += 1 }
    let name = UnsafeBufferPointer(rebasing: bytes[start..<position])
    try checkLength(of: name, start: start)
    // Strings such as N'…' and U&'…' begin with a name that must not be taken for one.
    if current == UInt8(ascii: "'") {
      position = start
      throw syntaxError(expected: "a string as '…', E'…' or $$…$$, or a name")
    }
    let folded = String(unsafeUninitializedCapacity: name.count) { target in
      for (place, byte) in name.enumerated() { target[place] = ASCII.lowercased(byte) }
      return name.count
    }
    return try validated(folded, name, start: start)
  }

  private mutating func takeQuotedName() throws(WireError) -> String {
    let start = position
    let name = try takeDelimited(by: UInt8(ascii: "\""), unterminated: "unterminated quoted identifier")
    guard !name.isEmpty else {
      position = start
      throw error(.syntaxError, "zero-length delimited identifier")
    }
    guard name.utf8.count <= 63 else {
      position = start
      throw error(.nameTooLong, "a name may have at most 63 bytes")
    }
    return name
  }

  private func checkLength(of name: UnsafeBufferPointer<UInt8>, start: Int) throws(WireError) {
    guard name.count > 63 else { return }
    throw WireError(
      .nameTooLong, "a name may have at most 63 bytes", position: characterPosition(of: start))
  }

  // MARK: Literals

  /// Takes a string literal that begins exactly here: `'…'`, `E'…'` or `$tag$…$tag$`.
  mutating func takeString() throws(WireError) -> String? {
    switch current {
    case UInt8(ascii: "'"):
      return try takeDelimited(by: UInt8(ascii: "'"), unterminated: "unterminated quoted string")
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      guard byte(at: 1) == UInt8(ascii: "'") else { return nil }
      position += 1
      return try takeEscapeString()
    case UInt8(ascii: "$"): return try takeDollarString()
    default: return nil
    }
  }

  /// Takes text between two delimiters, in which the delimiter is written twice.
  private mutating func takeDelimited(
    by delimiter: UInt8, unterminated: String
  ) throws(WireError) -> String {
    let start = position
    let first = start + 1
    var doubled = 0
    var end = first
    while true {
      guard let close = bytes[end...].firstIndex(of: delimiter) else {
        throw error(.syntaxError, unterminated)
      }
      end = close + 1
      guard end < bytes.count, bytes[end] == delimiter else {
        position = end
        end = close
        break
      }
      doubled += 1
      end += 1
    }
    let content = UnsafeBufferPointer(rebasing: bytes[first..<end])
    guard doubled > 0 else { return try validated(nil, content, start: start) }
    let plain = String(unsafeUninitializedCapacity: content.count - doubled) { target in
      var length = 0
      var place = 0
      while place < content.count, length < target.count {
        target[length] = content[place]
        length += 1
        place += content[place] == delimiter ? 2 : 1
      }
      return length
    }
    return try validated(plain, content, start: start)
  }

  /// Takes `$tag$…$tag$`; nil where `$` begins something else.
  private mutating func takeDollarString() throws(WireError) -> String? {
    let start = position
    var tagEnd = start + 1
    if tagEnd < bytes.count, ASCII.isDigit(bytes[tagEnd]) { return nil }
    while tagEnd < bytes.count, bytes[tagEnd] != UInt8(ascii: "$"), Self.continuesName(bytes[tagEnd]) {
      tagEnd += 1
    }
    guard tagEnd < bytes.count, bytes[tagEnd] == UInt8(ascii: "$") else { return nil }
    let tag = UnsafeBufferPointer(rebasing: bytes[start...tagEnd])
    let first = tagEnd + 1
    var search = first
    while let close = bytes[search...].firstIndex(of: UInt8(ascii: "$")) {
      let end = close + tag.count
      if end <= bytes.count, bytes[close..<end].elementsEqual(tag) {
        position = end
        return try validated(nil, UnsafeBufferPointer(rebasing: bytes[first..<close]), start: start)
      }
      search = close + 1
    }
    throw error(.syntaxError, "unterminated dollar-quoted string")
  }

  /// Takes a number with its sign; its text has no plus sign and nothing between sign and digits.
  mutating func takeNumber() throws(WireError) -> String? {
    let start = position
    var isNegative = false
    if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") {
      isNegative = current == UInt8(ascii: "-")
      position += 1
      try skipSpace()
    }
    let rest = UnsafeBufferPointer(rebasing: bytes[position...])
    guard let (length, _) = NumberText.scanUnsigned(rest) else {
      position = start
      return nil
    }
    position += length
    if let next = current, Self.continuesName(next) || next == UInt8(ascii: ".") {
      position = start
      throw error(.syntaxError, "trailing junk after numeric literal")
    }
    let digits = String(decoding: rest[..<length], as: UTF8.self)
    return isNegative ? "-" + digits : digits
  }

  /// Takes `$1`; its number is from 1 to 65,535.
  mutating func takeParameter() throws(WireError) -> Int? {
    guard current == UInt8(ascii: "$"), let digit = byte(at: 1), ASCII.isDigit(digit) else { return nil }
    let start = position
    position += 1
    var number = 0
    while let byte = current, ASCII.isDigit(byte) {
      number = min(number * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
      position += 1
    }
    guard (1...65_535).contains(number) else {
      position = start
      throw error(.undefinedParameter, "a parameter's number must be from 1 to 65535")
    }
    if let next = current, Self.continuesName(next) {
      position = start
      throw error(.syntaxError, "trailing junk after parameter")
    }
    return number
  }

  /// Checks that a piece of the statement is UTF-8 (without NUL, which no client can send).
  ///
  /// - Parameter text: what was made of the piece, where it is not the piece itself. It was written byte by
  ///   byte, so it must not be used before the piece is known to be UTF-8.
  private func validated(
    _ text: String?, _ piece: UnsafeBufferPointer<UInt8>, start: Int
  ) throws(WireError) -> String {
    guard let valid = String(validating: piece, as: UTF8.self) else {
      throw WireError(
        .invalidEncoding, "invalid byte sequence for encoding \"UTF8\"",
        position: characterPosition(of: start))
    }
    return text ?? valid
  }

  // MARK: Errors

  /// A place in the statement in characters, as error messages count: the first is 1.
  func characterPosition(of byte: Int) -> Int {
    bytes.prefix(byte).reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  func error(_ state: SQLState, _ message: String) -> WireError {
    WireError(state, message, position: characterPosition(of: position))
  }

  func syntaxError(expected: String) -> WireError {
    guard position < bytes.count else {
      return error(.syntaxError, "syntax error at end of input: expected \(expected)")
    }
    // The offending word, or the one sign that stands here.
    var end = position
    if Self.startsName(bytes[end]) {
      while end < bytes.count, end - position < 60, Self.continuesName(bytes[end]) { end += 1 }
    } else {
      end += 1
    }
    let near = String(decoding: bytes[position..<end], as: UTF8.self)
    return error(.syntaxError, "syntax error at or near \"\(near)\": expected \(expected)")
  }
}
