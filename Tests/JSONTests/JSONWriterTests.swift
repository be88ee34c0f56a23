import JSON
import Testing

@Suite struct JSONWriterTests {
  static let written: [(JSON, String)] = [
    (JSON.null, "null"), (true, "true"), (.integer(.min), "-9223372036854775808"), (1.0, "1.0"), (0.1, "0.1"),
    (.number(.leastNonzeroMagnitude), "5e-324"), (.number(-0.0), "-0.0"), (.number(.nan), "null"),
    (.number(-.infinity), "null"), (.number(1e21), "1e+21"),
    ("\"\\/\u{8}\u{C}\n\r\t\u{1}\u{1F}\u{7F}é😀", "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7F}é😀\""),
    ([], "[]"), ([1, [2, nil]], "[1,[2,null]]"), ([:], "{}"),
    (["b": 1, "a": ["c": ""]], "{\"b\":1,\"a\":{\"c\":\"\"}}"),
  ]

  @Test(arguments: written)
  func writes(value: JSON, expected: String) {
    #expect(value.serialized() == expected)
  }

  @Test func canonicalFormIsOneForAllSpellings() throws {
    let spellings = [
      #"{"b":[1.0,2e0,-0,0.5],"a":"é"}"#, #"{ "a" : "\u00e9", "b" : [1, 2, 0, 5e-1] }"#,
    ]
    for spelling in spellings {
      #expect(try JSON.parse(spelling).canonical() == #"{"a":"é","b":[1,2,0,0.5]}"#)
    }
    #expect(JSON.number(1e300).canonical() == "1e+300")
    #expect(JSON.number(.infinity).canonical() == "null")
  }
}
