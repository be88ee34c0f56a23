import Diagnostics
import Functions
import JSON
import PostgresWire

/// One call as it came over the wire, checked as far as that goes without computing: which function, the
/// arguments of each row, and the key of each row's answer.
struct CallRequest: Sendable {
  enum Target: Sendable {
    case function(AIFunction)
    case table(AITable)

    var entry: any CatalogueEntry {
      switch self {
      case .function(let function): function
      case .table(let table): table
      }
    }
  }

  let target: Target
  /// The arguments of each row; nil for an element of an array that is NULL, and so is its answer.
  let rows: [[Value]?]
  /// The arguments as the answer's key has them, row by row; empty for functions whose answers are not kept.
  let keyArguments: [[PostgresCacheKey.Argument]?]
  /// Whether the first argument was an array: one answer an element.
  let isArray: Bool
  /// Whether a row that fails leaves the others alone: its failure stands in the answer.
  let tellsEachFailure: Bool
  let surroundings: CallSurroundings

  /// - Parameters:
  ///   - arguments: in the declared order; omitted ones at the end may be missing.
  ///   - surroundings: what the database has told of itself.
  init(
    _ target: Target, _ arguments: [WireArgument], _ surroundings: CallSurroundings = CallSurroundings(),
    limits: BridgeLimits
  ) throws(WireError) {
    self.target = target
    self.surroundings = surroundings
    tellsEachFailure = false
    let entry = target.entry
    guard entry.arity.contains(arguments.count) else {
      throw WireError(.undefinedFunction, entry.arityError(arguments.count).message)
    }
    for (position, argument) in arguments.enumerated() {
      try Self.checkSize(argument.value, position, entry, limits)
    }
    let isCached = if case .function(let function) = target { function.isCached } else { false }
    guard let position = Self.arrayPosition(entry), arguments.indices.contains(position),
      case .array(let elements) = arguments[position].value, !Self.isVector(arguments[position].typeName)
    else {
      isArray = false
      rows = [try Self.values(arguments[...], entry)]
      keyArguments =
        isCached
        ? [
          Self.padded(arguments.indices.map { Self.keyArgument(arguments[$0], $0, entry) }, to: entry)
            + surroundings.keyArguments(0)
        ] : []
      return
    }
    guard elements.count <= limits.arrayElements else {
      throw WireError(
        .programLimitExceeded,
        "\(entry.name): argument \(position + 1) (\(entry.parameters[position].name)) must have at most \(limits.arrayElements) "
          + "elements; got \(elements.count)", hint: "Pass the array in parts, or use ai_prefetch.")
    }
    isArray = true
    let (earlier, later) = (arguments[..<position], arguments[(position + 1)...])
    let (before, behind) = (try Self.values(earlier, entry), try Self.values(later, entry))
    func keys(_ arguments: ArraySlice<WireArgument>) -> [PostgresCacheKey.Argument] {
      arguments.indices.map { Self.keyArgument(arguments[$0], $0, entry) }
    }
    let (keysBefore, keysBehind) = (keys(earlier), keys(later))
    rows = elements.map { element in
      guard let text = element.text else { return nil }
      return before + [.text(text)] + behind
    }
    keyArguments =
      isCached
      ? elements.enumerated().map { row, element in
        element.text.map {
          Self.padded(keysBefore + [.text($0)] + keysBehind, to: entry) + surroundings.keyArguments(row)
        }
      } : []
  }

  /// Which argument of a function may be an array, with one answer an element: the text that a call is about.
  static func arrayPosition(_ entry: any CatalogueEntry) -> Int? {
    guard let function = entry as? AIFunction, function.parameters.indices.contains(function.textPosition)
    else {
      return nil
    }
    switch function.parameters[function.textPosition].type {
    case .text, .textOrEmbedding: return function.textPosition
    default: return nil
    }
  }

  /// Whether a cast's type is that of an embedding.
  static func isVector(_ typeName: String?) -> Bool {
    switch typeName {
    case "real[]", "double precision[]", "vector": true
    default: false
    }
  }

  /// Whether the call is one text of moderate length, to be computed together with others like it.
  var isShort: Bool {
    guard case .function(let function) = target, function.isCached, !isArray, !surroundings.isSpecial else {
      return false
    }
    switch text {
    case .text(let text): return text.utf8.count <= Self.shortBytes
    // A group of texts.
    case .blob(let bytes) where function.parameters.first?.type == .texts:
      return bytes.count <= Self.shortBytes
    default: return true
    }
  }

  /// Whether computing it takes so little that even an event loop may do it: a millisecond or two.
  var isTiny: Bool {
    guard isShort, case .text(let text)? = text else { return false }
    return text.utf8.count <= Self.tinyBytes
  }

  /// Whether it fits a classifier to rows.
  var isTraining: Bool {
    guard case .function(let function) = target else { return false }
    return function.session?.stores == .classifier
  }

  /// What the first row's call is about.
  private var text: Value? {
    guard case .function(let function) = target, let row = rows.first ?? nil,
      row.indices.contains(function.textPosition)
    else { return nil }
    return row[function.textPosition]
  }

  private static let shortBytes = 4_096
  private static let tinyBytes = 400

  // MARK: - One argument

  private static func values(
    _ arguments: ArraySlice<WireArgument>, _ entry: any CatalogueEntry
  ) throws(WireError) -> [Value] {
    var values: [Value] = []
    for position in arguments.indices { values.append(try value(arguments[position], position, entry)) }
    return values
  }

  /// What the functions take. What does not fit goes on as text, so that the function's own check words the
  /// fault; but not an embedding, which could pass for a text.
  static func value(
    _ argument: WireArgument, _ position: Int, _ entry: any CatalogueEntry
  ) throws(WireError) -> Value {
    let type = entry.parameters[position].type
    switch argument.value {
    case .null: return .null
    case .boolean(let value): return .text(value ? "true" : "false")
    case .number(let text): return number(text, for: type)
    case .text(let text):
      return isVector(argument.typeName) ? try known(vector(text), position, entry) : number(text, for: type)
    case .array(let elements):
      switch type {
      case .json: return .text(JSON.array(elements.map { $0.text.map(JSON.string) ?? .null }).serialized())
      case .embedding: return try known(vector(elements), position, entry)
      case .texts: return TextList(elements.compactMap(\.text)).value
      case .textOrEmbedding where isVector(argument.typeName):
        return try known(vector(elements), position, entry)
      default: return .text(argument.value.text ?? "")
      }
    }
  }

  private static func known(
    _ vector: Value?, _ position: Int, _ entry: any CatalogueEntry
  ) throws(WireError) -> Value {
    if let vector { return vector }
    throw WireError(
      .invalidParameterValue,
      "\(entry.name): argument \(position + 1) (\(entry.parameters[position].name)) must be an embedding as "
        + "ai_embed returns it: an array of one dimension, of numbers without a NULL among them")
  }

  private static func number(_ text: String, for type: ValueType) -> Value {
    switch type {
    case .integer: Int64(text).map(Value.integer) ?? Double(text).map(Value.real) ?? .text(text)
    case .real: Double(text).map(Value.real) ?? .text(text)
    case .scalar: Int64(text).map(Value.integer) ?? .text(text)
    case .boolean:
      ["t", "true", "1"].contains(text)
        ? .integer(1) : ["f", "false", "0"].contains(text) ? .integer(0) : .text(text)
    case .texts: TextList([text]).value
    case .text, .json, .embedding, .textOrEmbedding: .text(text)
    }
  }

  /// pgvector's text form, `[0.1,0.2]`.
  private static func vector(_ text: String) -> Value? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
    return vector(text.dropFirst().dropLast().split(separator: ",").map { .number(String($0)) })
  }

  private static func vector(_ elements: [WireValue]) -> Value? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(elements.count * 4)
    for element in elements {
      guard let text = element.text, let number = Float(text.filter { $0 != " " }) else { return nil }
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    }
    return .blob(bytes)
  }

  private static func keyArgument(
    _ argument: WireArgument, _ position: Int, _ entry: any CatalogueEntry
  ) -> PostgresCacheKey.Argument {
    if entry.parameters[position].type == .texts, case .array(let elements) = argument.value {
      return .texts(elements.compactMap(\.text))
    }
    guard let text = argument.value.text else { return .null }
    return isVector(argument.typeName) ? .embedding(text) : .text(text)
  }

  /// Omitted arguments are in the key as NULL.
  private static func padded(
    _ arguments: [PostgresCacheKey.Argument], to entry: any CatalogueEntry
  ) -> [PostgresCacheKey.Argument] {
    arguments + Array(repeating: .null, count: max(0, entry.parameters.count - arguments.count))
  }

  private static func checkSize(
    _ value: WireValue, _ position: Int, _ entry: any CatalogueEntry, _ limits: BridgeLimits
  ) throws(WireError) {
    switch value {
    case .text(let text) where text.utf8.count > limits.textBytes:
      throw WireError(
        .programLimitExceeded,
        "\(entry.name): argument \(position + 1) (\(entry.parameters[position].name)) must have at most "
          + "\(limits.textBytes) bytes of text; got \(text.utf8.count)", hint: "Pass the text in parts.")
    case .array(let elements):
      for element in elements { try checkSize(element, position, entry, limits) }
    default: break
    }
  }
}
