/// PostgreSQL's text form of arrays (documentation, "Array Input and Output Syntax"): `{a,"b c",NULL}`.
public enum ArrayText {
  /// Reads an array of one or two dimensions.
  ///
  /// - Parameters:
  ///   - elementType: the elements' type by its canonical name. Elements of a numeric type become numbers, of
  ///     `boolean` booleans, of any other text.
  ///   - maximumElements: more elements are refused.
  /// - Returns: `.array`.
  /// - Throws: 22P02 where the text is no array, or an element none of its type; 2202E where inner arrays
  ///   differ in length.
  public static func parse(
    _ text: String, elementType: String = "text", maximumElements: Int = 2_000_000
  ) throws(WireError) -> WireValue {
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(WireError) in
        var parser = ArrayTextParser(
          bytes: bytes, element: TextConversion(typeName: elementType), maximumElements: maximumElements)
        return try parser.parse()
      }
    }
    return try result.get()
  }

  /// Writes a value as an array's element or, where it is one, as an array.
  static func write(_ value: WireValue, into bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(contentsOf: "NULL".utf8)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .boolean(let value): bytes.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    case .text(let text): writeElement(text, into: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "{"))
      var isFirst = true
      for element in elements {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        write(element, into: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Writes a text element, quoted where `array_out` quotes it.
  static func writeElement(_ text: String, into bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { source in
      guard needsQuotes(source) else {
        bytes.append(contentsOf: source)
        return
      }
      bytes.append(UInt8(ascii: "\""))
      for byte in source {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: "\""))
    }
  }

  private static func needsQuotes(_ source: UnsafeBufferPointer<UInt8>) -> Bool {
    if source.isEmpty || isNull(source) { return true }
    return source.contains { byte in
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\\"):
        true
      default: ASCII.isSpace(byte)
      }
    }
  }

  /// Whether the bytes are the word NULL in any case.
  static func isNull(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.count == 4 && bytes.elementsEqual("null".utf8) { ASCII.lowercased($0) == $1 }
  }
}

/// One pass over an array's text, following `array_in`.
private struct ArrayTextParser {
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

/// The rule that inner arrays of one array are all of one length.
enum ArrayShape {
  static let mismatch = WireError(
    .arrayShape, "multidimensional arrays must have array expressions with matching dimensions")

  static func agree(_ first: WireValue, _ other: WireValue) -> Bool {
    switch (first, other) {
    case (.array(let a), .array(let b)): a.count == b.count
    case (.array, _), (_, .array): false
    default: true
    }
  }
}
