/// One pass over an array's text, following `array_in`.
struct ArrayTextParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let element: TextConversion
  let maximumElements: Int
  private var position = 0
  private var elementCount = 0

  init(bytes: UnsafeBufferPointer<UInt8>, element: TextConversion, maximumElements: Int) {
    self.bytes = bytes
    self.element = element
    self.maximumElements = maximumElements
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func parse() throws(WireError) -> WireValue {
    skipSpaces()
    if current == UInt8(ascii: "[") {
      throw WireError(
        .featureNotSupported, "malformed array literal: explicit dimensions like [1:2]= are not supported")
    }
    guard current == UInt8(ascii: "{") else {
      throw malformed("Array value must start with \"{\".")
    }
    let value = try parseArray(depth: 1)
    skipSpaces()
    guard position == bytes.count else { throw malformed("Junk after closing right brace.") }
    return value
  }

  /// Reads from an opening brace to behind the closing one.
  private mutating func parseArray(depth: Int) throws(WireError) -> WireValue {
    guard depth <= 2 else {
      throw WireError(.programLimitExceeded, "array literal: at most two dimensions are supported")
    }
    position += 1
    var elements: [WireValue] = []
    skipSpaces()
    if current == UInt8(ascii: "}") {
      position += 1
      return .array(elements)
    }
    while true {
      skipSpaces()
      let value = current == UInt8(ascii: "{") ? try parseArray(depth: depth + 1) : try parseElement()
      if let first = elements.first, !ArrayShape.agree(first, value) { throw ArrayShape.mismatch }
      elements.append(value)
      elementCount += 1
      guard elementCount <= maximumElements else {
        throw WireError(
          .programLimitExceeded, "array literal: more than \(maximumElements) elements are not accepted")
      }
      skipSpaces()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return .array(elements)
      case .some(let byte): throw malformed("Unexpected \(ASCII.quoted(byte)) after an element.")
      case nil: throw malformed("Unexpected end of input.")
      }
    }
  }

  private mutating func parseElement() throws(WireError) -> WireValue {
    if current == UInt8(ascii: "\"") {
      let text = try parseQuoted()
      return try element.value(of: text)
    }
    // An unquoted element ends at a delimiter; white space around it is not part of it.
    let start = position
    var end = position
    var hasEscape = false
    scan: while let byte = current {
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: "}"): break scan
      case UInt8(ascii: "{"), UInt8(ascii: "\""):
        throw malformed("Unexpected \(ASCII.quoted(byte)) inside an element.")
      case UInt8(ascii: "\\"):
        hasEscape = true
        position += 2
        guard position <= bytes.count else { throw malformed("Unexpected end of input.") }
        end = position
      default:
        position += 1
        if !ASCII.isSpace(byte) { end = position }
      }
    }
    guard end > start else {
      guard let byte = current else { throw malformed("Unexpected end of input.") }
      throw malformed("Unexpected \(ASCII.quoted(byte)) where an element should stand.")
    }
    let word = UnsafeBufferPointer(rebasing: bytes[start..<end])
    if !hasEscape, ArrayText.isNull(word) { return .null }
    return try element.value(of: hasEscape ? unescaped(word) : String(decoding: word, as: UTF8.self))
  }

  private mutating func parseQuoted() throws(WireError) -> String {
    position += 1
    let start = position
    var hasEscape = false
    while let byte = current {
      if byte == UInt8(ascii: "\"") {
        let content = UnsafeBufferPointer(rebasing: bytes[start..<position])
        position += 1
        return hasEscape ? unescaped(content) : String(decoding: content, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscape = true
        position += 1
      }
      position += 1
    }
    throw malformed("Unexpected end of input.")
  }

  /// Every backslash stands for the byte behind it. Text is UTF-8 already, and a backslash is never a part of
  /// a longer sequence, so what is left is UTF-8 too.
  private func unescaped(_ content: UnsafeBufferPointer<UInt8>) -> String {
    var plain: [UInt8] = []
    plain.reserveCapacity(content.count)
    var isEscaped = false
    for byte in content {
      if byte == UInt8(ascii: "\\"), !isEscaped {
        isEscaped = true
      } else {
        plain.append(byte)
        isEscaped = false
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  private mutating func skipSpaces() {
    while let byte = current, ASCII.isSpace(byte) { position += 1 }
  }

  private func malformed(_ detail: String) -> WireError {
    WireError(.invalidTextRepresentation, "malformed array literal", detail: detail)
  }
}
