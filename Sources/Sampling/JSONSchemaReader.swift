import Diagnostics
import JSON

/// Reads JSON Schema, keyword by keyword.
struct JSONSchemaReader {
  typealias Shape = JSONSchema.Shape

  /// Where in a schema something stands, for error messages.
  struct Place {
    var path: [String] = []

    var depth: Int { path.count }

    func inside(_ name: String) -> Place { Place(path: path + [name]) }

    /// "the schema", or "the schema at properties.age".
    var description: String {
      path.isEmpty
        ? "the schema" : "the schema at " + path.map { String($0.prefix(40)) }.joined(separator: ".")
    }

    func fault(_ sentence: String) -> SibylError {
      SibylError(.invalidArgument, "\(description) \(sentence)")
    }
  }

  enum TypeName: String, CaseIterable {
    case object, array, string, number, integer, boolean, null
  }

  /// Which keywords belong to which types.
  private static let keywords: [String: Set<TypeName>] = [
    "properties": [.object], "required": [.object], "additionalProperties": [.object],
    "items": [.array], "minItems": [.array], "maxItems": [.array],
    "minLength": [.string], "maxLength": [.string],
    "minimum": [.number, .integer], "maximum": [.number, .integer],
    "exclusiveMinimum": [.number, .integer], "exclusiveMaximum": [.number, .integer],
  ]
  /// Keywords that say something to people, and nothing about what is valid.
  private static let notes: Set<String> = [
    "title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated", "readOnly",
    "writeOnly",
  ]
  private static let choices = ["enum", "const", "anyOf", "oneOf"]

  static func isKeyword(_ name: String) -> Bool {
    name == "type" || keywords[name] != nil || notes.contains(name) || choices.contains(name)
  }

  func shape(_ json: JSON, at place: Place) throws(SibylError) -> Shape {
    guard place.depth <= 2 * JSONSchema.greatestDepth else {
      throw place.fault("nests too deep; use at most \(JSONSchema.greatestDepth) levels")
    }
    guard case .object(let schema) = json else {
      throw place.fault("must be an object such as {\"type\": \"string\"}; got \(json.typeDescription)")
    }
    if let key = schema.duplicateKeys.first { throw place.fault("has \"\(key)\" twice; leave one out") }
    let types = try types(schema, place)
    for (key, _) in schema where key != "type" && !Self.notes.contains(key) {
      try check(key, schema, types, place)
    }
    if let values = try literals(schema, types, place) { return .literals(values) }
    if let key = ["anyOf", "oneOf"].first(where: schema.contains), let json = schema[key] {
      return try alternatives(json, key, place)
    }
    var shapes: [Shape] = []
    for type in types where type != .integer || !types.contains(.number) {
      shapes.append(try shape(type, schema, place))
    }
    return shapes.count == 1 ? shapes[0] : .alternatives(shapes)
  }

  // MARK: Keywords

  private func check(
    _ key: String, _ schema: JSONObject, _ types: [TypeName], _ place: Place
  ) throws(SibylError) {
    if Self.choices.contains(key) {
      if let other = Self.choices.first(where: { $0 != key && schema.contains($0) }) {
        throw place.fault("has both \"\(key)\" and \"\(other)\"; keep one of them")
      }
      if let other = schema.keys.first(where: { Self.keywords[$0] != nil }) {
        throw place.fault("has both \"\(key)\" and \"\(other)\"; keep one of them")
      }
      return
    }
    guard let owners = Self.keywords[key] else {
      throw place.fault(
        "has the keyword \"\(key.prefix(40))\", which is not supported; leave it out. Supported are type, "
          + (Self.keywords.keys.sorted() + Self.choices).joined(separator: ", "))
    }
    if owners.isDisjoint(with: types) {
      throw place.fault(
        "has the keyword \"\(key)\", which does not belong to the type "
          + types.map { "\"\($0.rawValue)\"" }.joined(separator: ", ") + "; leave it out")
    }
  }

  private func types(_ schema: JSONObject, _ place: Place) throws(SibylError) -> [TypeName] {
    let expected = TypeName.allCases.map(\.rawValue).joined(separator: ", ")
    guard let json = schema["type"] else {
      if schema.contains("properties") { return [.object] }
      if schema.contains("items") { return [.array] }
      guard Self.choices.contains(where: schema.contains) else {
        throw place.fault("has no \"type\"; give it one of \(expected)")
      }
      return []
    }
    let listed = json.arrayValue ?? [json]
    var types: [TypeName] = []
    for entry in listed {
      guard let name = entry.stringValue, let type = TypeName(rawValue: name) else {
        throw place.fault("has an unknown type, \(entry.serialized().prefix(40)); use one of \(expected)")
      }
      if !types.contains(type) { types.append(type) }
    }
    guard !types.isEmpty else { throw place.fault("has an empty list of types; give it one of \(expected)") }
    return types
  }

  // MARK: Choices

  private func literals(
    _ schema: JSONObject, _ types: [TypeName], _ place: Place
  ) throws(SibylError) -> [String]? {
    let values: [JSON]
    if let json = schema["enum"] {
      guard case .array(let elements) = json, !elements.isEmpty else {
        throw place.fault("must have a list of at least one value as \"enum\"; got \(json.typeDescription)")
      }
      values = elements
    } else if let value = schema["const"] {
      values = [value]
    } else if types == [.boolean] {
      values = [true, false]
    } else if types == [.null] {
      values = [.null]
    } else {
      return nil
    }
    guard values.count <= JSONSchema.mostLiterals else {
      throw place.fault("has \(values.count) values as \"enum\"; use at most \(JSONSchema.mostLiterals)")
    }
    var texts: [String] = []
    for value in values {
      if value.arrayValue != nil || value.objectValue != nil {
        throw place.fault(
          "has \(value.typeDescription) among the values of \"enum\" or \"const\"; use strings, numbers, "
            + "true, false and null")
      }
      if !types.isEmpty, !types.contains(where: { Self.fits(value, $0) }) {
        throw place.fault(
          "lists \(value.serialized().prefix(40)), which is not of the type that it names; change one of both"
        )
      }
      let text = value.serialized()
      if !texts.contains(text) { texts.append(text) }
    }
    return texts
  }

  private static func fits(_ value: JSON, _ type: TypeName) -> Bool {
    switch type {
    case .string: value.stringValue != nil
    case .number: value.numberValue != nil
    case .integer: value.integerValue != nil
    case .boolean: value.booleanValue != nil
    case .null: value.isNull
    case .object, .array: false
    }
  }

  private func alternatives(_ json: JSON, _ key: String, _ place: Place) throws(SibylError) -> Shape {
    guard case .array(let elements) = json, !elements.isEmpty, elements.count <= 16 else {
      throw place.fault("must have a list of 1 to 16 schemas as \"\(key)\"; got \(json.typeDescription)")
    }
    var shapes: [Shape] = []
    for (number, element) in elements.enumerated() {
      let shape = try shape(element, at: place.inside(key).inside(String(number)))
      if case .alternatives(let inner) = shape { shapes += inner } else { shapes.append(shape) }
    }
    return shapes.count == 1 ? shapes[0] : .alternatives(shapes)
  }

  // MARK: Types

  private func shape(_ type: TypeName, _ schema: JSONObject, _ place: Place) throws(SibylError) -> Shape {
    switch type {
    case .boolean: return .literals(["true", "false"])
    case .null: return .literals(["null"])
    case .string:
      let length = try range(
        schema, "minLength", "maxLength", usual: JSONSchema.defaultLongestString,
        greatest: JSONSchema.longestString, place)
      return .string(
        StringRule(
          least: Int32(truncatingIfNeeded: length.lowerBound),
          most: Int32(truncatingIfNeeded: length.upperBound)))
    case .array:
      let count = try range(
        schema, "minItems", "maxItems", usual: JSONSchema.defaultMostElements,
        greatest: JSONSchema.mostElements, place)
      guard let items = schema["items"] else {
        throw place.fault("is an array without \"items\"; say what its elements are")
      }
      return .array(try shape(items, at: place.inside("items")), count: count)
    case .number: return .number(try NumberBounds(schema, place).rule(isWhole: false))
    case .integer: return .number(try NumberBounds(schema, place).rule(isWhole: true))
    case .object: return try object(schema, place)
    }
  }

  private func range(
    _ schema: JSONObject, _ leastKey: String, _ mostKey: String, usual: Int, greatest: Int, _ place: Place
  ) throws(SibylError) -> ClosedRange<Int> {
    func number(_ key: String) throws(SibylError) -> Int? {
      guard let json = schema[key] else { return nil }
      guard let number = json.integerValue, (0...greatest).contains(number) else {
        throw place.fault(
          "must have a whole number from 0 to \(greatest) as \"\(key)\"; got \(json.serialized().prefix(40))")
      }
      return number
    }
    let least = try number(leastKey) ?? 0
    let most = try number(mostKey) ?? max(usual, least)
    guard least <= most else {
      throw place.fault("has \"\(leastKey)\" \(least) above \"\(mostKey)\" \(most); nothing can be both")
    }
    return least...most
  }

  private func object(_ schema: JSONObject, _ place: Place) throws(SibylError) -> Shape {
    if let json = schema["additionalProperties"], json.booleanValue == nil {
      throw place.fault(
        "must have false as \"additionalProperties\", as answers have the listed properties alone; got "
          + json.typeDescription)
    }
    let listed: JSONObject
    switch schema["properties"] {
    case nil: listed = JSONObject()
    case .object(let object)?: listed = object
    case let json?:
      throw place.fault("must have an object as \"properties\"; got \(json.typeDescription)")
    }
    guard listed.count <= JSONSchema.mostProperties else {
      throw place.fault("has \(listed.count) properties; use at most \(JSONSchema.mostProperties)")
    }
    if let key = listed.duplicateKeys.first { throw place.fault("has the property \"\(key)\" twice") }
    let required = try required(schema, listed, place)
    var properties: [JSONSchema.Property] = []
    for (name, json) in listed {
      let shape = try shape(json, at: place.inside("properties").inside(name))
      properties.append(JSONSchema.Property(name: name, shape: shape, isRequired: required.contains(name)))
    }
    return .object(properties)
  }

  private func required(
    _ schema: JSONObject, _ properties: JSONObject, _ place: Place
  ) throws(SibylError) -> JSONObject {
    // An object serves as a set that tells names apart byte by byte.
    var names = JSONObject()
    guard let json = schema["required"] else { return names }
    guard case .array(let elements) = json else {
      throw place.fault("must have a list of names as \"required\"; got \(json.typeDescription)")
    }
    for element in elements {
      guard let name = element.stringValue else {
        throw place.fault("must have a list of names as \"required\"; it holds \(element.typeDescription)")
      }
      guard properties.contains(name) else {
        throw place.fault(
          "requires \"\(name.prefix(40))\", which is not among its properties; add it there, or take it out of "
            + "\"required\"")
      }
      names[name] = true
    }
    return names
  }
}
