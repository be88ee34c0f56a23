import Diagnostics
import JSON
import Sampling
import TestSupport
import Testing

@Suite("Reading schemas")
struct JSONSchemaTests {
  private func fault(_ text: String, isField: Bool = false) throws -> String {
    let json = try JSON.parse(text)
    do {
      let schema = try isField ? JSONSchema(fieldsOrSchema: json) : JSONSchema(json)
      _ = try Constraint(schema, Vocabularies.byteLevel())
      return "no fault"
    } catch let error as SibylError {
      return error.message
    }
  }

  @Test("Faults say where they are and what to change")
  func faults() throws {
    let cases: [(String, String)] = [
      ("[]", "must be an object"),
      ("{}", "has no \"type\""),
      (#"{"type":"text"}"#, "unknown type, \"text\"; use one of object, array"),
      (#"{"type":[]}"#, "empty list of types"),
      (#"{"type":"string","pattern":"a*"}"#, "\"pattern\", which is not supported; leave it out"),
      (#"{"type":"string","format":"date"}"#, "\"format\", which is not supported"),
      (#"{"type":"string","minimum":3}"#, "does not belong to the type \"string\""),
      (#"{"type":"string","minLength":5,"maxLength":3}"#, "\"minLength\" 5 above \"maxLength\" 3"),
      (#"{"type":"string","maxLength":-1}"#, "whole number from 0 to 100000 as \"maxLength\"; got -1"),
      (#"{"type":"string","maxLength":"9"}"#, "whole number"),
      (#"{"type":"array"}"#, "without \"items\""),
      (#"{"type":"array","items":{"type":"null"},"minItems":3,"maxItems":2}"#, "\"minItems\" 3 above"),
      (#"{"type":"integer","minimum":5,"maximum":4}"#, "leaves no whole number"),
      (#"{"type":"integer","minimum":1.2,"maximum":1.8}"#, "leaves no whole number"),
      (#"{"type":"number","exclusiveMinimum":1,"maximum":1}"#, "leaves no number"),
      (#"{"type":"number","maximum":1e300}"#, "\"maximum\"; got"),
      (#"{"enum":[]}"#, "at least one value as \"enum\""),
      (#"{"enum":[[1]]}"#, "has an array among the values"),
      (#"{"type":"string","enum":["a",1]}"#, "lists 1, which is not of the type"),
      (#"{"enum":["a"],"const":"b"}"#, "has both \"enum\" and \"const\""),
      (#"{"enum":["a"],"type":"string","maxLength":3}"#, "has both"),
      (#"{"type":"object","properties":[]}"#, "must have an object as \"properties\""),
      (#"{"type":"object","properties":{"a":{"type":"null"}},"required":["b"]}"#, "requires \"b\""),
      (
        #"{"type":"object","properties":{"a":{"type":"null"}},"required":"a"}"#,
        "list of names as \"required\""
      ),
      (#"{"type":"object","additionalProperties":{"type":"string"}}"#, "\"additionalProperties\""),
      (
        #"{"properties":{"a":{"properties":{"b":{"type":"x"}}}}}"#,
        "the schema at properties.a.properties.b has"
      ),
      (#"{"properties":{"a":{"type":"null"},"a":{"type":"null"}}}"#, "property \"a\" twice"),
      (#"{"type":"null","type":"null"}"#, "\"type\" twice"),
      (#"{"anyOf":[{"type":"string"},{"enum":["a"]}]}"#, "two begin alike"),
      (#"{"anyOf":[]}"#, "list of 1 to 16 schemas"),
      (#"{"type":["object","array"],"items":{"type":"null"},"maxLength":3}"#, "does not belong"),
    ]
    for (text, part) in cases {
      let fault = try fault(text)
      #expect(fault.contains(part), "\(text): \(fault)")
    }
  }

  @Test("Schemas that are too deep or too large are refused, whatever their form")
  func excess() throws {
    for depth in [17, 40, 60] {
      let arrays =
        String(repeating: #"{"type":"array","items":"#, count: depth) + #"{"type":"null"}"#
        + String(repeating: "}", count: depth)
      #expect(try fault(arrays).contains("deep"))
      let objects =
        String(repeating: #"{"properties":{"a":"#, count: depth) + #"{"type":"null"}"#
        + String(repeating: "}}", count: depth)
      #expect(try fault(objects).contains("deep"))
      let alternatives =
        String(repeating: #"{"anyOf":["#, count: depth) + #"{"type":"null"}"#
        + String(repeating: "]}", count: depth)
      #expect(try fault(alternatives).contains("deep"))
      let fields =
        String(repeating: #"{"a":"#, count: depth) + "\"string\"" + String(repeating: "}", count: depth)
      #expect(try fault(fields, isField: true).contains("deep"))
    }
    let many = (0..<201).map { "\"k\($0)\":{\"type\":\"null\"}" }.joined(separator: ",")
    #expect(try fault("{\"properties\":{\(many)}}").contains("201 properties; use at most 200"))
    let long = (0..<180).map { "\"k\($0)\(String(repeating: "x", count: 300))\":{\"type\":\"null\"}" }
    #expect(try fault("{\"properties\":{\(long.joined(separator: ","))}}").contains("too large"))
    let values = (0..<1_001).map(String.init).joined(separator: ",")
    #expect(try fault("{\"enum\":[\(values)]}").contains("at most 1000"))
    var endless = #"{"type":"string","minLength":100000}"#
    for _ in 0..<4 { endless = "{\"type\":\"array\",\"minItems\":10000,\"items\":\(endless)}" }
    #expect(try fault(endless).contains("more than any answer holds"))
  }

  @Test("The short forms of fields are the schemas that they stand for")
  func fields() throws {
    func schema(_ text: String) throws -> JSONSchema { try JSONSchema(JSON.parse(text)) }
    func fields(_ text: String, allowsNull: Bool = false) throws -> JSONSchema {
      try JSONSchema(fieldsOrSchema: JSON.parse(text), allowsNull: allowsNull)
    }
    #expect(
      try fields(#"["name","city"]"#)
        == schema(
          #"{"properties":{"name":{"type":"string"},"city":{"type":"string"}},"required":["name","city"]}"#))
    #expect(
      try fields(#"{"name":"text","amount":"number","n":"int","ok":"boolean"}"#, allowsNull: true)
        == schema(
          #"""
          {"properties":{"name":{"anyOf":[{"type":"string"},{"type":"null"}]},
          "amount":{"anyOf":[{"type":"number"},{"type":"null"}]},"n":{"anyOf":[{"type":"integer"},{"type":"null"}]},
          "ok":{"enum":[true,false,null]}},"required":["name","amount","n","ok"]}
          """#))
    #expect(
      try fields(
        #"{"tags":["string"],"size":["S","M"],"a":{"b":"string"},"c":{"type":"string","maxLength":3}}"#)
        == schema(
          #"""
          {"properties":{"tags":{"type":"array","items":{"type":"string"}},"size":{"enum":["S","M"]},
          "a":{"properties":{"b":{"type":"string"}},"required":["b"]},"c":{"type":"string","maxLength":3}},
          "required":["tags","size","a","c"]}
          """#))
    // A schema is one.
    for text in [
      #"{"type":"object","properties":{"a":{"type":"null"}}}"#,
      #"{"type":"array","items":{"type":"string"}}"#,
      #"{"enum":["a","b"]}"#, #"{"anyOf":[{"type":"null"},{"type":"string"}]}"#,
    ] {
      #expect(try fields(text) == schema(text))
    }
    // Fields may have the names of keywords.
    #expect(
      try fields(#"{"type":"string","title":"string"}"#)
        == schema(
          #"{"properties":{"type":{"type":"string"},"title":{"type":"string"}},"required":["type","title"]}"#)
    )
    for (text, part) in [
      ("3", "must be a list of field names"), ("[]", "1 to 200 fields"), ("[1]", "its list holds a number"),
      (#"["a","a"]"#, "field \"a\" twice"), (#"{"a":"date"}"#, "unknown type \"date\""),
      (#"[""]"#, "without a name"),
      (#"{"a":[]}"#, "empty list"), (#"{"a":3}"#, "must be a type's name"),
      (#"{"a":["strin"]}"#, "unknown type"),
    ] {
      let fault = try fault(text, isField: true)
      #expect(fault.contains(part), "\(text): \(fault)")
    }
  }

  @Test("No JSON at all traps when it is taken for a schema")
  func hostile() throws {
    let vocabulary = try Vocabularies.byteLevel()
    var generator = SeededGenerator(seed: 11)
    let names = [
      "type", "properties", "required", "items", "enum", "const", "anyOf", "minItems", "maxItems",
      "minLength",
      "maxLength", "minimum", "maximum", "exclusiveMinimum", "a", "",
    ]
    func value(_ depth: Int) -> JSON {
      switch Int.random(in: 0...(depth > 0 ? 9 : 6), using: &generator) {
      case 0: .null
      case 1: .boolean(.random(using: &generator))
      case 2: .integer(Int64.random(in: -3...9, using: &generator))
      case 3:
        [.number(1e300), .number(-0.5), .integer(.max), .integer(.min), .number(1e-300)].randomElement(
          using: &generator) ?? 0
      case 4...6:
        .string(
          ["string", "number", "integer", "array", "object", "null", "boolean", "a", "\u{0}"]
            .randomElement(using: &generator) ?? "")
      case 7: .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth - 1) })
      default:
        .object(
          JSONObject(
            (0..<Int.random(in: 0...4, using: &generator)).map { _ in
              (names.randomElement(using: &generator) ?? "", value(depth - 1))
            }))
      }
    }
    var readable = 0
    for _ in 0..<20_000 {
      let json = value(4)
      for schema in [try? JSONSchema(json), try? JSONSchema(fieldsOrSchema: json)].compactMap(\.self) {
        guard let constraint = try? Constraint(schema, vocabulary) else { continue }
        readable += 1
        #expect(constraint.leastTokens > 0)
      }
    }
    #expect(readable > 100)
  }
}
