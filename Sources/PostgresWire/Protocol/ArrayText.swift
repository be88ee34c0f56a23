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
