/// How text becomes a value of a type: what PostgreSQL's input functions do, as far as calls need it.
struct TextConversion {
  private enum Kind {
    case text
    case integer(ClosedRange<Int64>)
    case floatingPoint
    case numeric
    case boolean
  }

  let typeName: String
  private let kind: Kind

  /// - Parameter typeName: canonical (`WireType.canonicalName`), not an array's.
  init(typeName: String) {
    self.typeName = typeName
    kind =
      switch typeName {
      case "smallint": .integer(Int64(Int16.min)...Int64(Int16.max))
      case "integer": .integer(Int64(Int32.min)...Int64(Int32.max))
      case "bigint": .integer(Int64.min...Int64.max)
      case "real", "double precision": .floatingPoint
      case "numeric": .numeric
      case "boolean": .boolean
      default: .text
      }
  }

  /// Whether values of the type are numbers.
  var isNumeric: Bool {
    switch kind {
    case .integer, .floatingPoint, .numeric: true
    case .text, .boolean: false
    }
  }

  var isBoolean: Bool {
    if case .boolean = kind { true } else { false }
  }

  /// - Throws: 22P02 where the text is no value of the type, 22003 where it is out of its range.
  func value(of text: String) throws(WireError) -> WireValue {
    switch kind {
    case .text: return .text(text)
    case .boolean:
      guard let value = BooleanText.parse(text) else { throw invalid(text) }
      return .boolean(value)
    case .floatingPoint:
      guard let number = NumberText.floatingPoint(text) else { throw invalid(text) }
      return .number(number)
    case .numeric:
      guard let number = NumberText.decimal(text) else { throw invalid(text) }
      return .number(number)
    case .integer(let range):
      guard let number = NumberText.integer(text) else { throw invalid(text) }
      guard let value = Int64(number), range.contains(value) else {
        throw WireError(
          .numberOutOfRange, "value \"\(text.shortened)\" is out of range for type \(typeName)")
      }
      return .number(number)
    }
  }

  private func invalid(_ text: String) -> WireError {
    WireError(
      .invalidTextRepresentation, "invalid input syntax for type \(typeName): \"\(text.shortened)\"")
  }
}

extension String {
  /// At most 60 characters of the text, for an error message.
  var shortened: String {
    guard utf8.count > 60 else { return self }
    let head = prefix(60)
    return head.endIndex == endIndex ? self : head + "…"
  }
}
