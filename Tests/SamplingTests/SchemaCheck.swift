import JSON

/// Says whether a value follows a schema, in the plainest way, by the specification of JSON Schema.
enum SchemaCheck {
  static func follows(_ value: JSON, _ schema: JSON) -> Bool {
    if let values = schema["enum"]?.arrayValue { return values.contains { isSame($0, value) } }
    if let constant = schema["const"] { return isSame(constant, value) }
    if let schemas = (schema["anyOf"] ?? schema["oneOf"])?.arrayValue {
      return schemas.contains { follows(value, $0) }
    }
    let types = schema["type"]?.arrayValue ?? schema["type"].map { [$0] } ?? []
    return types.contains { isOfType(value, $0.stringValue ?? "", schema) }
  }

  private static func isSame(_ a: JSON, _ b: JSON) -> Bool {
    if let a = a.numberValue, let b = b.numberValue { return a == b }
    return a == b
  }

  private static func isOfType(_ value: JSON, _ type: String, _ schema: JSON) -> Bool {
    switch type {
    case "null": return value.isNull
    case "boolean": return value.booleanValue != nil
    case "string":
      guard let text = value.stringValue else { return false }
      let count = text.unicodeScalars.count
      return count >= schema["minLength"]?.integerValue ?? 0
        && count <= schema["maxLength"]?.integerValue ?? 1_000
    case "integer", "number":
      guard let number = value.numberValue, type == "number" || value.integerValue != nil else {
        return false
      }
      if let bound = schema["minimum"]?.numberValue, number < bound { return false }
      if let bound = schema["maximum"]?.numberValue, number > bound { return false }
      if let bound = schema["exclusiveMinimum"]?.numberValue, number <= bound { return false }
      if let bound = schema["exclusiveMaximum"]?.numberValue, number >= bound { return false }
      return true
    case "array":
      guard let elements = value.arrayValue, let items = schema["items"] else { return false }
      return elements.count >= schema["minItems"]?.integerValue ?? 0
        && elements.count <= schema["maxItems"]?.integerValue ?? 100
        && elements.allSatisfy { follows($0, items) }
    case "object":
      guard let members = value.objectValue, members.duplicateKeys.isEmpty else { return false }
      let properties = schema["properties"]?.objectValue ?? JSONObject()
      let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
      return required.allSatisfy(members.contains)
        && members.allSatisfy { key, value in properties[key].map { follows(value, $0) } ?? false }
    default: return false
    }
  }
}
