import JSON
import Sampling
import Testing

/// Schemas as documents, which go to servers, and values that come back.
@Suite struct JSONSchemaDocumentTests {
  @Test(arguments: [
    #"["name","city"]"#, #"{"amount":"number","urgent":"boolean","size":["S","M"],"tags":["string"]}"#,
    #"{"type":"object","properties":{"n":{"type":"integer","minimum":-3,"maximum":7},"x":{"type":"number","minimum":0.5}}}"#,
    #"{"type":"array","items":{"type":"string","minLength":2,"maxLength":5},"minItems":1,"maxItems":3}"#,
    #"{"anyOf":[{"type":"string"},{"type":"null"},{"const":4}]}"#,
  ]) func aDocumentSaysTheSame(_ text: String) throws {
    let schema = try JSONSchema(fieldsOrSchema: JSON.parse(text))
    let again = try JSONSchema(schema.json)
    #expect(again.json == schema.json)
    #expect(again == schema)
  }

  @Test func theFormIsThatOfStrictModes() throws {
    let schema = try JSONSchema(fieldsOrSchema: ["name"])
    #expect(
      schema.json == [
        "type": "object",
        "properties": ["name": ["anyOf": [["type": "string"], ["type": "null"]]]],
        "required": ["name"], "additionalProperties": false,
      ])
  }

  @Test(arguments: [
    (#"{"b":1,"a":"x","more":true}"#, #"{"a":"x","b":1}"#),
    (#"{"a":null,"b":null}"#, #"{"a":null,"b":null}"#),
    (#"{"a":"x"}"#, nil), (#"{"a":1,"b":1}"#, nil), (#"{"a":"x","b":"1"}"#, nil), ("[]", nil), ("null", nil),
  ]) func valuesAreFitted(_ text: String, _ expected: String?) throws {
    let schema = try JSONSchema(fieldsOrSchema: ["a": "string", "b": "number"])
    #expect(try schema.fitted(JSON.parse(text))?.serialized() == expected)
  }

  @Test func boundsAreKept() throws {
    let bounded = try JSONSchema([
      "type": "array", "maxItems": 2, "items": ["type": "integer", "minimum": 1, "maximum": 5],
    ])
    #expect(bounded.fitted([1, 5]) != nil)
    #expect(bounded.fitted([0]) == nil && bounded.fitted([6]) == nil && bounded.fitted([1, 2, 3]) == nil)
    #expect(bounded.fitted([1.5]) == nil)
    let text = try JSONSchema(["type": "string"])
    // A bound that nobody set.
    #expect(text.fitted(.string(String(repeating: "x", count: 5_000))) != nil)
    let short = try JSONSchema(["type": "string", "maxLength": 3])
    #expect(short.fitted("abc") != nil && short.fitted("abcd") == nil)
  }
}
