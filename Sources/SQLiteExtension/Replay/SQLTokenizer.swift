/// Cuts SQL text into tokens as SQLite does, so that a keyword inside a string, a comment or a quoted name is
/// never taken for one.
package struct SQLTokenizer {
  private let text: [UInt8]
  private var position = 0

  package init(_ text: [UInt8]) {
    self.text = text
  }

  /// All tokens of `text`, in order.
  package static func tokens(of text: [UInt8]) -> [SQLToken] {
    var tokenizer = SQLTokenizer(text)
    var tokens: [SQLToken] = []
    while let token = tokenizer.next() { tokens.append(token) }
    return tokens
  }

  /// The next token, or nil at the end of the text.
  package mutating func next() -> SQLToken? {
    skipBlanks()
    guard position < text.count else { return nil }
    let start = position
    let kind = scan()
    return SQLToken(kind: kind, bytes: start..<position)
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    let index = position + offset
    return index < text.count ? text[index] : nil
  }

  private mutating func skipBlanks() {
    while let first = byte() {
      switch first {
      case UInt8(ascii: " "), 9, 10, 12, 13:
        position += 1
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
        while let next = byte(), next != 10 { _ = next; position += 1 }
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        position += 2
        // SQLite lets the end of the text close a comment.
        while position < text.count, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) {
          position += 1
        }
        position = min(position + 2, text.count)
      default:
        return
      }
    }
  }

  private mutating func scan() -> SQLToken.Kind {
    let first = text[position]
    switch first {
    case UInt8(ascii: "'"):
      return scanQuoted(by: first) ? .string : .illegal
    case UInt8(ascii: "\""), UInt8(ascii: "`"):
      return scanQuoted(by: first) ? .quotedWord : .illegal
    case UInt8(ascii: "["):
      while let next = byte(), next != UInt8(ascii: "]") { _ = next; position += 1 }
      guard position < text.count else { return .illegal }
      position += 1
      return .quotedWord
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      if byte(1) == UInt8(ascii: "'") {
        position += 1
        return scanQuoted(by: UInt8(ascii: "'")) ? .blob : .illegal
      }
      return scanWord()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return scanNumber()
    case UInt8(ascii: "."):
      if let next = byte(1), isDigit(next) { return scanNumber() }
      position += 1
      return .symbol(first)
    case UInt8(ascii: "?"):
      position += 1
      while let next = byte(), isDigit(next) { position += 1 }
      return .parameter
    case UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "$"):
      position += 1
      let start = position
      while let next = byte(), isWordByte(next) { position += 1 }
      return position > start ? .parameter : .illegal
    default:
      if isWordByte(first) { return scanWord() }
      position += 1
      return first < 0x20 || first == 0x7F ? .illegal : .symbol(first)
    }
  }

  /// Reads up to the closing quotation mark; a doubled mark stands for itself. Returns whether there is one.
  private mutating func scanQuoted(by mark: UInt8) -> Bool {
    position += 1
    while let next = byte() {
      position += 1
      guard next == mark else { continue }
      if byte() == mark {
        position += 1
      } else {
        return true
      }
    }
    return false
  }

  private mutating func scanWord() -> SQLToken.Kind {
    while let next = byte(), isWordByte(next) { position += 1 }
    return .word
  }

  private mutating func scanNumber() -> SQLToken.Kind {
    // Digits, a point, an exponent with its sign; letters that follow make SQLite reject the number, so
    // they may as well belong to it.
    while let next = byte() {
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
        let previous = text[position - 1] | 0x20
        guard previous == UInt8(ascii: "e"), let after = byte(1), isDigit(after), !isHexadecimal else {
          break
        }
      } else if !isWordByte(next) && next != UInt8(ascii: ".") {
        break
      }
      position += 1
    }
    return .number
  }

  /// Whether the number that ends at `position` started with 0x: then `e` is a digit.
  private var isHexadecimal: Bool {
    var start = position
    while start > 0, isWordByte(text[start - 1]) { start -= 1 }
    return start + 1 < text.count && text[start] == UInt8(ascii: "0")
      && text[start + 1] | 0x20 == UInt8(ascii: "x")
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "$"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
      return true
    default:
      return false
    }
  }
}
