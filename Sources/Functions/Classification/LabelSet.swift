import Diagnostics
import JSON

/// The labels of an `ai_classify` call, each with a description where one was given.
struct LabelSet: Sendable {
  struct Label: Hashable, Sendable {
    let name: String
    /// What the label means, in the user's words; nil where its name says it.
    let description: String?
  }

  static let expected =
    "a JSON array of at least 2 distinct strings, or a JSON object of label to description"

  let labels: [Label]

  /// Reads the argument.
  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(_ json: JSON) throws(SibylError) {
    switch json {
    case .array(let elements):
      var labels: [Label] = []
      for (position, element) in elements.enumerated() {
        guard case .string(let name) = element else {
          throw Self.fault("\(element.typeDescription) as element \(position + 1)")
        }
        labels.append(Label(name: name, description: nil))
      }
      self.labels = labels
    case .object(let members):
      if let key = members.duplicateKeys.first { throw Self.fault("the label \"\(key)\" twice") }
      var labels: [Label] = []
      for (name, value) in members {
        guard case .string(let description) = value else {
          throw Self.fault("\(value.typeDescription) for \"\(name)\"")
        }
        labels.append(Label(name: name, description: description.isBlank ? nil : description))
      }
      // An object's members have no order, and an answer must not depend on the one they came in.
      self.labels = labels.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    default:
      throw Self.fault(json.typeDescription)
    }
    try check()
  }

  private func check() throws(SibylError) {
    guard labels.count <= Limits.maximumLabels else {
      throw SibylError(
        .invalidArgument, "must have at most \(Limits.maximumLabels) labels; got \(labels.count)")
    }
    var seen: Set<[UInt8]> = []
    for label in labels {
      if label.name.isBlank { throw Self.fault("a blank label") }
      guard seen.insert(Array(label.name.utf8)).inserted else {
        throw Self.fault("the label \"\(label.name)\" twice")
      }
    }
    guard labels.count >= 2 else { throw Self.fault(labels.isEmpty ? "no label" : "1 label") }
  }

  /// Which label has the name.
  func position(of name: String) -> Int? {
    labels.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
  }

  private static func fault(_ found: String) -> SibylError {
    SibylError(.invalidArgument, "must be \(expected); got \(found)")
  }
}
