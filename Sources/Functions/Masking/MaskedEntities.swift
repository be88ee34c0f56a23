import Diagnostics
import JSON

/// What `ai_mask` takes out of a text: kinds that rules find, and names of others, which take a model.
struct MaskedEntities: Sendable {
  let kinds: Set<EntityKind>
  let others: [String]

  static let expected = "a JSON array of what to mask, such as [\"email\",\"phone\",\"person\"]"
  private static let mostNames = 20
  private static let longestName = 60

  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(_ json: JSON) throws(SibylError) {
    let elements = json.arrayValue ?? []
    guard (1...Self.mostNames).contains(elements.count) else {
      throw SibylError(
        .invalidArgument,
        "must be \(Self.expected), 1 to \(Self.mostNames) names; got "
          + (json.arrayValue == nil ? json.typeDescription : "\(elements.count)"))
    }
    var kinds: Set<EntityKind> = []
    var others: [String] = []
    for element in elements {
      guard let name = element.stringValue, !name.isBlank, name.utf8.count <= Self.longestName else {
        throw SibylError(
          .invalidArgument, "must be \(Self.expected); a name must be text of 1 to \(Self.longestName) bytes")
      }
      if let kind = EntityKind(name: name) {
        kinds.insert(kind)
      } else if !others.contains(name) {
        others.append(name)
      }
    }
    self.kinds = kinds
    self.others = others
  }
}
