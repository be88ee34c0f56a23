import JSON

extension JSONSchema {
  /// The schema as a JSON Schema document, in the form that servers' strict modes take: no other properties, and types
  /// and bounds only where they were given.
  public var json: JSON { Self.json(shape) }

  private static func json(_ shape: Shape) -> JSON {
    switch shape {
    case .object(let properties):
      return [
        "type": "object",
        "properties": .object(JSONObject(properties.map { ($0.name, json($0.shape)) })),
        "required": .array(properties.filter(\.isRequired).map { .string($0.name) }),
        "additionalProperties": false,
      ]
    case .array(let element, let count):
      var members: JSONObject = ["type": "array", "items": json(element)]
      if count.lowerBound > 0 { members["minItems"] = .integer(Int64(count.lowerBound)) }
      if count.upperBound != defaultMostElements { members["maxItems"] = .integer(Int64(count.upperBound)) }
      return .object(members)
    case .string(let rule):
      var members: JSONObject = ["type": "string"]
      if rule.least > 0 { members["minLength"] = .integer(Int64(rule.least)) }
      if Int(rule.most) != defaultLongestString { members["maxLength"] = .integer(Int64(rule.most)) }
      return .object(members)
    case .number(let rule):
      var members: JSONObject = ["type": rule.fractionDigits == 0 ? "integer" : "number"]
      if let range = rule.range {
        members["minimum"] = bound(range.lowerBound, rule)
        members["maximum"] = bound(range.upperBound, rule)
      }
      return .object(members)
    case .literals(let texts):
      let values = texts.compactMap { try? JSON.parse($0) }
      if values == [.null] { return ["type": "null"] }
      if values == [true, false] { return ["type": "boolean"] }
      return ["enum": .array(values)]
    case .alternatives(let shapes): return ["anyOf": .array(shapes.map(json))]
    }
  }

  private static func bound(_ scaled: Int64, _ rule: NumberRule) -> JSON {
    let unit = NumberRule.powers[Int(min(max(rule.fractionDigits, 0), 18))]
    return scaled % unit == 0 ? .integer(scaled / unit) : .number(Double(scaled) / Double(unit))
  }

  /// A value that follows the schema, its properties in the schema's order; nil where it does not follow it. Properties
  /// that the schema does not have are left out.
  public func fitted(_ json: JSON) -> JSON? { Self.fitted(json, shape) }

  private static func fitted(_ json: JSON, _ shape: Shape) -> JSON? {
    switch (shape, json) {
    case (.object(let properties), .object(let members)):
      var kept = JSONObject()
      for property in properties {
        guard let value = members[property.name] else {
          if property.isRequired { return nil }
          continue
        }
        guard let value = fitted(value, property.shape) else { return nil }
        kept[property.name] = value
      }
      return .object(kept)
    case (.array(let element, let count), .array(let elements)):
      guard isWithin(count, elements.count, usual: defaultMostElements) else { return nil }
      let kept = elements.compactMap { fitted($0, element) }
      return kept.count == elements.count ? .array(kept) : nil
    case (.string(let rule), .string(let text)):
      let range = Int(rule.least)...max(Int(rule.most), Int(rule.least))
      // `nil` alone would be JSON's null.
      return isWithin(range, text.unicodeScalars.count, usual: defaultLongestString) ? json : JSON?.none
    case (.number(let rule), _):
      guard let number = json.numberValue, number.isFinite else { return nil }
      if rule.fractionDigits == 0, json.integerValue == nil { return nil }
      if let range = rule.range {
        let scaled = number * Double(NumberRule.powers[Int(min(max(rule.fractionDigits, 0), 18))])
        guard Double(range.lowerBound) <= scaled, scaled <= Double(range.upperBound) else { return nil }
      }
      return json
    case (.literals(let texts), _):
      return texts.contains { text in
        guard let value = try? JSON.parse(text) else { return false }
        return value == json || value.numberValue.map { $0 == json.numberValue } == true
      } ? json : JSON?.none
    case (.alternatives(let shapes), _): return shapes.lazy.compactMap { fitted(json, $0) }.first
    default: return nil
    }
  }
  /// Bounds that a schema does not set are there to let a small model come to an end; who has come to one by himself
  /// need not keep them.
  private static func isWithin(_ range: ClosedRange<Int>, _ count: Int, usual: Int) -> Bool {
    count >= range.lowerBound && (range.upperBound == usual || count <= range.upperBound)
  }
}
