import Diagnostics

/// Checks the values of a call against the parameters of a function and brings them into the form that
/// implementations work with.
///
/// Remembers the last JSON text of each parameter: labels and options are mostly the same for every row, and
/// parsing them again would cost more than a cached answer. Owned by one thread at a time.
struct ArgumentBinder {
  let entry: any CatalogueEntry
  private let parameters: [Parameter]
  private let hasJSON: Bool
  private var lastJSON: [(given: Value, decoded: DecodedJSON)?]

  init(_ entry: any CatalogueEntry) {
    self.entry = entry
    parameters = entry.parameters
    hasJSON = parameters.contains { $0.type == .json }
    lastJSON = Array(repeating: nil, count: parameters.count)
  }

  /// The call's arguments; nil where a required one is NULL, and so is the answer.
  mutating func bind(_ given: [Value]) throws(SibylError) -> Arguments? {
    guard entry.arity.contains(given.count) else { throw entry.arityError(given.count) }
    for (position, value) in given.enumerated() where value.isNull && parameters[position].isRequired {
      return nil
    }
    var values: [Value] = []
    values.reserveCapacity(parameters.count)
    var decoded: [DecodedJSON?] = []
    for (position, parameter) in parameters.enumerated() {
      let value = position < given.count ? given[position] : .null
      guard !value.isNull else {
        values.append(parameter.defaultValue ?? .null)
        if hasJSON { decoded.append(nil) }
        continue
      }
      let checked = try check(value, position)
      guard parameter.type == .json, case .text(let text) = checked else {
        values.append(checked)
        if hasJSON { decoded.append(nil) }
        continue
      }
      let json = try decode(text, position)
      values.append(.text(json.canonical))
      decoded.append(json)
    }
    return Arguments(values: values, decoded: decoded)
  }

  private mutating func decode(_ text: String, _ position: Int) throws(SibylError) -> DecodedJSON {
    let given = Value.text(text)
    if let last = lastJSON[position], last.given.hasSameBytes(as: given) { return last.decoded }
    do throws(SibylError) {
      let decoded = try DecodedJSON.decode(text, for: parameters[position])
      lastJSON[position] = (given, decoded)
      return decoded
    } catch {
      throw entry.argumentError(position, error.message)
    }
  }

  /// An argument as its parameter's type has it.
  func check(_ value: Value, _ position: Int) throws(SibylError) -> Value {
    let parameter = parameters[position]
    switch (parameter.type, value) {
    case (.text, .text(let text)), (.json, .text(let text)), (.textOrEmbedding, .text(let text)),
      (.scalar, .text(let text)):
      guard text.utf8.count <= Limits.maximumTextBytes else {
        throw entry.textTooLongError(position, count: text.utf8.count)
      }
      return value
    case (.text, .integer(let number)), (.textOrEmbedding, .integer(let number)):
      return .text(String(number))
    case (.text, .real(let number)), (.textOrEmbedding, .real(let number)):
      return .text(Value.text(of: number))
    case (.integer, .integer), (.real, .real), (.scalar, .integer), (.scalar, .real),
      (.embedding, .blob), (.textOrEmbedding, .blob), (.texts, .blob):
      return value
    case (.boolean, .integer(0)), (.boolean, .integer(1)):
      return value
    case (.integer, .real(let number)):
      guard let integer = Int64(exactly: number) else { break }
      return .integer(integer)
    case (.real, .integer(let number)):
      return .real(Double(number))
    default:
      break
    }
    let hint =
      if case .blob = value, parameter.type == .text {
        " (if the bytes are text, say CAST(\(parameter.name) AS TEXT))"
      } else { "" }
    throw entry.argumentError(position, "must be \(parameter.expected); got \(value.typeDescription)\(hint)")
  }
}
