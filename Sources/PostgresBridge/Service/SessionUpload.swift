import Diagnostics
import Functions
import JSON
import ModelFiles

/// What a session of the database has sent in parts for one of its calls: rows, corrections, classifiers.
///
/// Each part is a JSON object with one of the members `rows` (arrays of values), `corrections` (arrays of a text and its
/// label), `classifiers` (objects) and `weights` (hexadecimal digits, to be put together). They are parsed when they are
/// used, on the thread that computes.
struct SessionUpload: Sendable {
  private(set) var parts: [String] = []
  private(set) var bytes = 0

  mutating func append(_ part: String) {
    parts.append(part)
    bytes += part.utf8.count
  }

  /// Gives each element of a member of the parts, in the order in which they came.
  func forEach(_ member: String, _ body: (JSON) throws(SibylError) -> Void) throws(SibylError) {
    for part in parts where part.hasPrefix("{\"\(member)\"") {
      guard let elements = try JSON.parse(part, maximumDepth: Limits.maximumJSONDepth)[member]?.arrayValue
      else {
        throw Self.malformed
      }
      for element in elements { try body(element) }
    }
  }

  /// The rows of the query, a value a column.
  func forEachRow(_ body: ([Value]) throws(SibylError) -> Void) throws(SibylError) {
    try forEach("rows") { (row) throws(SibylError) in
      guard let cells = row.arrayValue else { throw Self.malformed }
      try body(cells.map(Self.value))
    }
  }

  func corrections() throws(SibylError) -> [(text: String, label: String)] {
    var found: [(text: String, label: String)] = []
    try forEach("corrections") { (pair) throws(SibylError) in
      guard let text = pair[0]?.stringValue, let label = pair[1]?.stringValue else { throw Self.malformed }
      found.append((text, label))
    }
    return found
  }

  /// The classifiers, with the weights that were sent; those of the database's list come without.
  func classifiers() throws(SibylError) -> [StoredClassifier] {
    var weights: [UInt8]?
    for part in parts where part.hasPrefix("{\"weights\"") {
      guard let digits = try JSON.parse(part)["weights"]?.stringValue,
        let bytes = Hexadecimal.bytes(of: digits)
      else {
        throw Self.malformed
      }
      weights = (weights ?? []) + bytes
    }
    var found: [StoredClassifier] = []
    try forEach("classifiers") { (classifier) throws(SibylError) in
      do throws(SibylError) {
        found.append(try StoredClassifier(classifier, weights: weights))
      } catch { throw Self.malformed }
    }
    return found
  }

  private static func value(_ cell: JSON) -> Value {
    if cell.isNull { return .null }
    if let text = cell.stringValue { return .text(text) }
    // As PostgreSQL casts it to text.
    if let truth = cell.booleanValue { return .text(truth ? "true" : "false") }
    if let number = cell.integerValue { return .integer(Int64(number)) }
    if let number = cell.numberValue { return .real(number) }
    return .text(cell.serialized())
  }

  private static let malformed = SibylError(
    .internalFault, "what the database sent along can't be read; please report this defect")
}
