import Diagnostics
import JSON
import Testing

/// What RFC 8259 allows and forbids.
@Suite struct JSONParserTests {
  static let accepted: [(String, JSON)] = [
    ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-0", .number(-0.0)), ("-12", -12),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", 1.0), ("1e3", 1000.0),
    ("-2.5E-3", -0.0025), ("1e-400", 0.0), ("\"\"", ""),
    ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "a\"\\/\u{8}\u{C}\n\r\tz"),
    ("\"\\u00e9\\uD83D\\ude00\"", "é😀"), ("\"\\u0000\"", "\0"), ("\"日本\u{7F}\"", "日本\u{7F}"),
    ("[]", []), ("[1,[2],{}]", [1, [2], [:]]), ("{\"a\" : 1 ,\r\n\t\"b\":[ ]}", ["a": 1, "b": []]),
  ]

  @Test(arguments: accepted)
  func accepts(text: String, expected: JSON) throws {
    #expect(try JSON.parse(text) == expected)
  }

  static let refused: [(String, String)] = [
    ("", "column 1 (byte 0): expected a value, found an empty text"),
    ("  ", "column 3 (byte 2): expected a value, found the end of the text"),
    ("nul", "expected a value (the words are true, false and null), found \"n\""),
    ("1 2", "(byte 2): expected the end of the text, found \"2\""),
    ("[1,]", "(byte 3): expected a value, found \"]\""),
    ("[1 2]", "(byte 3): expected \",\" or \"]\" after an array's element, found \"2\""),
    ("[1", "found the end of the text"),
    ("{\"a\" 1}", "expected \":\" after an object's key, found \"1\""),
    ("{\"a\":1,}", "expected a key in double quotes, found \"}\""),
    ("{a:1}", "expected a key in double quotes, found \"a\""),
    ("{\"a\":1", "expected \",\" or \"}\" after an object's member, found the end of the text"),
    ("01", "a number must not begin with a zero that more digits follow"),
    ("-", "expected a digit, found the end of the text"), ("1.", "expected a digit"),
    (".5", "expected a value, found \".\""), ("+1", "expected a value, found \"+\""),
    ("1e", "expected a digit"),
    ("1e+", "expected a digit"), ("1e999", "outside the range of a double"), ("NaN", "expected a value"),
    ("\"a", "expected the closing quote of a string, found the end of the text"),
    ("\"a\n\"", "(byte 2): a control character (0x0A) stands in a string, where it must be escaped"),
    ("\"\\x\"", "after a backslash, found \"x\""), ("\"\\", "after a backslash, found the end"),
    ("\"\\u12g4\"", "expected four hexadecimal digits after \\u, found \"g\""),
    ("\"\\ud83d\"", "half of a surrogate pair"), ("\"\\ud83dx\"", "half of a surrogate pair"),
    ("\"\\ud83d\\u0041\"", "half of a surrogate pair"), ("\"\\ude00\\ud83d\"", "half of a surrogate pair"),
    ("é", "found the byte 0xC3"), ("\u{FEFF}1", "found the byte 0xEF"),
    ("[\"é\",\n  \"ü\" x]", "line 2, column 7 (byte 14): expected"),
  ]

  @Test(arguments: refused)
  func refuses(text: String, reason: String) {
    let error = #expect(throws: SibylError.self) { try JSON.parse(text) }
    #expect(error?.kind == .invalidArgument)
    #expect(error?.message.hasPrefix("invalid JSON at line ") == true)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "no error")")
  }

  @Test func refusesInvalidUTF8() {
    for bytes: [UInt8] in [
      [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
    ] {
      #expect(throws: SibylError.self) { try JSON.parse(bytes) }
    }
  }

  @Test func limitsDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try JSON.parse(nested(128)) }
    let error = #expect(throws: SibylError.self) { try JSON.parse(nested(129)) }
    #expect(error?.message.contains("nest deeper than 128 levels") == true)
    #expect(throws: Never.self) { try JSON.parse(nested(JSON.greatestDepth), maximumDepth: .max) }
    #expect(throws: SibylError.self) { try JSON.parse(nested(1_000_000), maximumDepth: .max) }
    #expect(throws: SibylError.self) {
      try JSON.parse(String(repeating: "{\"a\":", count: 1_000_000), maximumDepth: .max)
    }
  }

  @Test func notesDuplicateKeys() throws {
    let object = try #require(JSON.parse(#"{"a":1,"b":2,"a":3}"#).objectValue)
    #expect(object.duplicateKeys == ["a"])
    #expect(object.keys == ["a", "b"])
    #expect(object["a"] == 3)
    #expect(try JSON.parse(#"{"a":1,"b":2}"#).objectValue?.duplicateKeys == [])
  }
}
