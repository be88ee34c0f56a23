import JSON
import TestSupport

/// Makes schemas, all of which some value follows.
struct RandomSchema {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
  private mutating func coin() -> Bool { .random(using: &generator) }

  private static let words = [
    "a", "name", "na", "größe", "x y", "quote\"d", "back\\slash", "日本", "line\nbreak", "t", "tr", "true", "",
    "z",
    "country", "amount", "𝄞",
  ]

  mutating func schema(depth: Int = 3) -> JSON {
    let kinds = depth > 0 ? 9 : 6
    switch number(0...(kinds - 1)) {
    case 0: return string()
    case 1: return numeric()
    case 2: return ["type": "boolean"]
    case 3: return coin() ? ["type": "null"] : ["const": scalar()]
    case 4: return ["enum": .array((0...number(0...4)).map { _ in scalar() })]
    case 5: return .object(["type": .array(["string", coin() ? "null" : "number", "boolean"])])
    case 6: return array(depth)
    default: return object(depth)
    }
  }

  private mutating func scalar() -> JSON {
    switch number(0...4) {
    case 0: .null
    case 1: .boolean(coin())
    case 2: .integer(Int64(number(-120...120)))
    case 3: .number(Double(number(-1_000...1_000)) / 8)
    default: .string(Self.words.randomElement(using: &generator) ?? "")
    }
  }

  private mutating func string() -> JSON {
    var schema: JSONObject = ["type": "string"]
    let least = number(0...4)
    if coin() { schema["minLength"] = .integer(Int64(least)) }
    if coin() { schema["maxLength"] = .integer(Int64(least + number(0...6))) }
    return .object(schema)
  }

  private mutating func numeric() -> JSON {
    var schema: JSONObject = ["type": coin() ? "number" : "integer"]
    let least = number(-2_000...2_000)
    if coin() { schema["minimum"] = coin() ? .integer(Int64(least)) : .number(Double(least) - 0.25) }
    if coin() { schema["maximum"] = .integer(Int64(least + number(0...300))) }
    return .object(schema)
  }

  private mutating func array(_ depth: Int) -> JSON {
    var schema: JSONObject = ["type": "array", "items": self.schema(depth: depth - 1)]
    let least = number(0...3)
    if coin() { schema["minItems"] = .integer(Int64(least)) }
    if coin() { schema["maxItems"] = .integer(Int64(least + number(0...3))) }
    return .object(schema)
  }

  private mutating func object(_ depth: Int) -> JSON {
    var properties = JSONObject()
    for _ in 0..<number(0...5) {
      properties[Self.words.randomElement(using: &generator) ?? ""] = schema(depth: depth - 1)
    }
    let required = properties.keys.filter { _ in coin() }
    var schema: JSONObject = ["type": "object", "properties": .object(properties)]
    if coin() { schema["required"] = .array(required.map { .string($0) }) }
    return .object(schema)
  }
}
