/// How an argument becomes one of another type: what a cast does in PostgreSQL, as far as calls need it.
enum ArgumentCast {
  /// - Parameter typeName: canonical (`WireType.canonicalName`).
  /// - Throws: 22P02, 22003 or 42846 where the value can't be one of the type.
  static func convert(
    _ argument: WireArgument, to typeName: String, maximumElements: Int
  ) throws(WireError) -> WireArgument {
    if argument.typeName == typeName { return argument }
    let value =
      typeName.hasSuffix("[]")
      ? try array(argument, elementType: String(typeName.dropLast(2)), maximumElements: maximumElements)
      : try scalar(argument, to: TextConversion(typeName: typeName))
    return WireArgument(value, typeName: typeName)
  }

  private static func array(
    _ argument: WireArgument, elementType: String, maximumElements: Int
  ) throws(WireError) -> WireValue {
    switch argument.value {
    case .null: return .null
    case .text(let text):
      return try ArrayText.parse(text, elementType: elementType, maximumElements: maximumElements)
    case .array(let elements):
      return .array(try convert(elements, to: TextConversion(typeName: elementType)))
    case .number, .boolean: throw refusal(argument, elementType + "[]")
    }
  }

  private static func convert(
    _ elements: [WireValue], to conversion: TextConversion
  ) throws(WireError) -> [WireValue] {
    var converted: [WireValue] = []
    converted.reserveCapacity(elements.count)
    for element in elements {
      if case .array(let inner) = element {
        converted.append(.array(try convert(inner, to: conversion)))
      } else {
        converted.append(try scalar(WireArgument(element), to: conversion))
      }
    }
    return converted
  }

  private static func scalar(
    _ argument: WireArgument, to conversion: TextConversion
  ) throws(WireError) -> WireValue {
    switch argument.value {
    case .null: return .null
    case .text(let text): return try conversion.value(of: text)
    case .number(let text):
      guard !conversion.isBoolean else { throw refusal(argument, conversion.typeName) }
      return try conversion.value(of: text)
    case .boolean(let value):
      guard !conversion.isNumeric else { throw refusal(argument, conversion.typeName) }
      if conversion.isBoolean { return argument.value }
      return .text(value ? "true" : "false")
    case .array:
      guard !conversion.isNumeric, !conversion.isBoolean, let text = argument.value.text else {
        throw refusal(argument, conversion.typeName)
      }
      return .text(text)
    }
  }

  private static func refusal(_ argument: WireArgument, _ typeName: String) -> WireError {
    let source =
      switch argument.value {
      case .null: "unknown"
      case .text: argument.typeName ?? "text"
      case .number: argument.typeName ?? "numeric"
      case .boolean: "boolean"
      case .array: argument.typeName ?? "array"
      }
    return WireError(.cannotCoerce, "cannot cast type \(source) to \(typeName)")
  }

  // MARK: ARRAY[…]

  /// What `ARRAY[…]` makes of its elements: all of one kind, inner arrays of one length.
  ///
  /// - Returns: an array of type `text[]`, `integer[]`, `bigint[]`, `numeric[]` or `boolean[]`, or as its
  ///   elements' casts say. An array without any typed element has no type yet, as `'{}'` has none.
  static func array(_ elements: [WireArgument]) throws(WireError) -> WireArgument {
    var values: [WireValue] = []
    values.reserveCapacity(elements.count)
    var elementType: String?
    for element in elements {
      if let first = values.first, !ArrayShape.agree(first, element.value) { throw ArrayShape.mismatch }
      let type = elementTypeName(of: element)
      elementType = try common(elementType, type)
      values.append(element.value)
    }
    guard let elementType else { return WireArgument(.array(values)) }
    // Untyped strings among typed elements take their type: ARRAY[1, '2'] is an array of integers.
    let isMixed = elements.contains { elementTypeName(of: $0) != elementType }
    if isMixed { values = try convert(values, to: TextConversion(typeName: elementType)) }
    return WireArgument(.array(values), typeName: elementType + "[]")
  }

  private static func elementTypeName(of element: WireArgument) -> String? {
    switch element.value {
    case .null: return element.typeName
    case .text: return element.typeName ?? "text"
    case .number(let text):
      if let name = element.typeName { return name }
      guard NumberText.integer(text) != nil else { return "numeric" }
      return Int32(text) != nil ? "integer" : Int64(text) != nil ? "bigint" : "numeric"
    case .boolean: return "boolean"
    case .array:
      return element.typeName.map { $0.hasSuffix("[]") ? String($0.dropLast(2)) : $0 }
    }
  }

  private static let numericOrder = [
    "smallint", "integer", "bigint", "numeric", "real", "double precision",
  ]

  /// The type that two elements have in common; text gives way, since an untyped string is any type's text.
  private static func common(_ a: String?, _ b: String?) throws(WireError) -> String? {
    guard let a, a != b else { return b ?? a }
    guard let b else { return a }
    if a == "text" { return b }
    if b == "text" { return a }
    if let first = numericOrder.firstIndex(of: a), let second = numericOrder.firstIndex(of: b) {
      return numericOrder[max(first, second)]
    }
    throw WireError(.cannotCoerce, "ARRAY types \(a) and \(b) cannot be matched")
  }
}
