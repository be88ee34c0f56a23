import JSON
import Testing

@Suite struct JSONObjectTests {
  @Test(arguments: [3, 12, 13, 200])
  func keepsOrderAndFindsMembers(count: Int) {
    var object = JSONObject()
    let keys = (0..<count).map { "key \($0 * 7 % count) of \($0)" }
    for (position, key) in keys.enumerated() { object[key] = .integer(Int64(position)) }
    #expect(object.keys == keys)
    for (position, key) in keys.enumerated() { #expect(object[key]?.integerValue == position) }
    #expect(object["absent"] == nil)

    object[keys[1]] = nil
    #expect(object.count == count - 1)
    #expect(object[keys[1]] == nil)
    #expect(object[keys[2]] == 2)
    object[keys[1]] = "back"
    #expect(object.keys.last == keys[1])
  }

  @Test func keysAreComparedByBytes() throws {
    // Composed and decomposed e with acute: one Swift string, two JSON keys.
    let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
    let object = try #require(JSON.parse(text).objectValue)
    #expect(object.count == 2)
    #expect(object.duplicateKeys.isEmpty)
    #expect(object["\u{E9}"] == 1)
    #expect(object["e\u{301}"] == 2)
    #expect(JSON.object(object).serialized() == text)
  }

  @Test func equalityIgnoresOrder() {
    let a: JSON = ["x": 1, "y": [2, nil]]
    let b: JSON = ["y": [2, nil], "x": 1]
    #expect(a == b)
    #expect(a.hashValue == b.hashValue)
    #expect(a != ["x": 1, "y": [2]])
    #expect(a != ["x": 1, "z": [2, nil]])
  }

  @Test func accessors() {
    let value: JSON = ["name": "minilm", "sizes": [384, 6.0, 0.5], "on": true, "off": nil]
    #expect(value["name"]?.stringValue == "minilm")
    #expect(value["sizes"]?[0]?.integerValue == 384)
    #expect(value["sizes"]?[1]?.integerValue == 6)
    #expect(value["sizes"]?[2]?.integerValue == nil)
    #expect(value["sizes"]?[2]?.numberValue == 0.5)
    #expect(value["sizes"]?[3] == nil)
    #expect(value["sizes"]?[-1] == nil)
    #expect(value["on"]?.booleanValue == true)
    #expect(value["off"]?.isNull == true)
    #expect(value["name"]?["x"] == nil)
    #expect(JSON.number(1e300).integerValue == nil)
    #expect(JSON.number(.nan).integerValue == nil)
    #expect(value["sizes"]?.typeDescription == "an array")
  }
}
