import Diagnostics
import JSON

extension JSONSchema {
  /// Reads what an extraction takes: a JSON Schema, or one of two short forms:
  /// - `["name", "city"]`: an object of strings;
  /// - `{"name": "string", "amount": "number", "tags": ["string"], "size": ["S", "M", "L"], "address": {…}}`: an
  ///   object of values of those types (string or text, number, integer, boolean), lists of them, one of some
  ///   texts, objects of the same form, or schemas.
  ///
  /// All fields of a short form are there in the answer; null is for what the text does not say, where
  /// `allowsNull`.
  ///
  /// An object counts as a JSON Schema where it has `properties`, `items`, `anyOf`, `oneOf` or `enum` in the
  /// form that these have, or `$schema`, or the type `object` or `array`.
  ///
  /// - Throws: `invalidArgument`: where the fault is, and what to change.
  public init(fieldsOrSchema json: JSON, allowsNull: Bool = true) throws(SibylError) {
    let reader = FieldReader(allowsNull: allowsNull)
    if FieldReader.isSchema(json, isOutermost: true) {
      try self.init(json)
    } else {
      self.init(shape: try reader.fields(json, at: JSONSchemaReader.Place()))
    }
  }
}

/// Reads the short forms.
private struct FieldReader {
  typealias Place = JSONSchemaReader.Place
  typealias Shape = JSONSchema.Shape

  let allowsNull: Bool

  private static let expected = """
    must be a list of field names such as ["name","city"], an object such as \
    {"name":"string","amount":"number"}, or a JSON Schema
    """

  static func isSchema(_ json: JSON, isOutermost: Bool) -> Bool {
    guard case .object(let object) = json else { return false }
    if object.contains("$schema") || object["properties"]?.objectValue != nil { return true }
    if object["items"]?.objectValue != nil && object["type"]?.stringValue != nil { return true }
    if ["anyOf", "oneOf"].contains(where: {
      object[$0]?.arrayValue?.allSatisfy { $0.objectValue != nil } == true
    }) {
      return true
    }
    let names = object["type"]?.arrayValue ?? object["type"].map { [$0] } ?? []
    let areTypes =
      !names.isEmpty
      && names.allSatisfy { $0.stringValue.flatMap(JSONSchemaReader.TypeName.init(rawValue:)) != nil }
    let areKeywords = object.keys.allSatisfy(JSONSchemaReader.isKeyword)
    guard areKeywords else { return false }
    if object["enum"]?.arrayValue != nil { return true }
    // A field may well be called "type", so that {"type": "string"} is read as a field unless it stands where
    // a field's own type is expected.
    return areTypes && (!isOutermost || names == ["object"] || names == ["array"])
  }

  func fields(_ json: JSON, at place: Place) throws(SibylError) -> Shape {
    guard place.depth < JSONSchema.greatestDepth else {
      throw place.fault("nests too deep; use at most \(JSONSchema.greatestDepth) levels")
    }
    var fields = JSONObject()
    switch json {
    case .array(let names):
      for name in names {
        guard let name = name.stringValue else {
          throw place.fault("\(Self.expected); its list holds \(name.typeDescription)")
        }
        fields.append(name, "string")
      }
    case .object(let object): fields = object
    default: throw place.fault("\(Self.expected); got \(json.typeDescription)")
    }
    if let name = fields.duplicateKeys.first {
      throw place.fault("has the field \"\(name.prefix(40))\" twice")
    }
    guard !fields.isEmpty, fields.count <= JSONSchema.mostProperties else {
      throw place.fault("must have 1 to \(JSONSchema.mostProperties) fields; got \(fields.count)")
    }
    var properties: [JSONSchema.Property] = []
    for (name, json) in fields {
      guard !name.isEmpty else { throw place.fault("has a field without a name; name it") }
      let shape = try value(json, at: place.inside(name))
      properties.append(JSONSchema.Property(name: name, shape: shape, isRequired: true))
    }
    return .object(properties)
  }

  private func value(_ json: JSON, at place: Place) throws(SibylError) -> Shape {
    switch json {
    case .string(let name): return orNull(try scalar(name, place))
    case .array(let elements):
      guard let first = elements.first else {
        throw place.fault("is an empty list; write [\"string\"] for a list of texts")
      }
      if elements.count > 1 {
        return orNull(try JSONSchemaReader().shape(.object(["enum": json]), at: place))
      }
      let element: Shape
      if case .string(let name) = first {
        element = try scalar(name, place)
      } else if Self.isSchema(first, isOutermost: false) {
        element = try JSONSchemaReader().shape(first, at: place)
      } else {
        element = try fields(first, at: place)
      }
      return .array(element, count: 0...JSONSchema.defaultMostElements)
    case .object where Self.isSchema(json, isOutermost: false):
      return try JSONSchemaReader().shape(json, at: place)
    case .object: return try fields(json, at: place)
    default:
      throw place.fault("must be a type's name such as \"string\" or \"number\"; got \(json.typeDescription)")
    }
  }

  private func scalar(_ name: String, _ place: Place) throws(SibylError) -> Shape {
    let type: String
    switch name {
    case "string", "text": type = "string"
    case "number", "float", "real": type = "number"
    case "integer", "int": type = "integer"
    case "boolean", "bool": type = "boolean"
    default:
      throw place.fault(
        "has the unknown type \"\(name.prefix(40))\"; use string, number, integer or boolean, or a list such as "
          + "[\"string\"]")
    }
    return try JSONSchemaReader().shape(.object(["type": .string(type)]), at: place)
  }

  private func orNull(_ shape: Shape) -> Shape {
    guard allowsNull else { return shape }
    if case .literals(let texts) = shape {
      return .literals(texts.contains("null") ? texts : texts + ["null"])
    }
    return .alternatives([shape, .literals(["null"])])
  }
}
