import Diagnostics
import JSON

/// One parameter of a function: its name, what it takes, and the words for an argument that it does not.
public struct Parameter: Sendable {
  public let name: String
  public let type: ValueType
  public let summary: String
  /// What stands in for a missing argument or NULL; nil for a required one, where NULL makes the answer NULL.
  public let defaultValue: Value?
  /// What an argument must be, to complete "must be …" in an error.
  public let expected: String
  /// Turns the argument's JSON into what the function works with. The fault it throws is told after the
  /// argument's name: "must be a JSON array of at least 2 distinct strings; got 1".
  let decode: (@Sendable (JSON) throws(SibylError) -> any Sendable)?
  /// Whether the argument names the model or the classifier of the call, which cache keys tell by its digest instead.
  let namesModel: Bool
  /// Whether JSON may be no more than a list of texts: a face whose SQL has arrays takes one instead.
  public let isList: Bool
  /// Whether giving the argument changes something for all who use the process: a face whose users have
  /// different rights reserves it to the owner.
  public let changesSharedState: Bool

  public var isRequired: Bool { defaultValue == nil }

  package init(
    _ name: String, _ type: ValueType, _ summary: String, default defaultValue: Value? = nil,
    expected: String? = nil, namesModel: Bool = false, isList: Bool = false,
    changesSharedState: Bool = false,
    decode: (@Sendable (JSON) throws(SibylError) -> any Sendable)? = nil
  ) {
    self.name = name
    self.type = type
    self.summary = summary
    self.defaultValue = defaultValue
    self.expected = expected ?? Self.expectation(of: type)
    self.namesModel = namesModel
    self.isList = isList
    self.changesSharedState = changesSharedState
    self.decode = decode
  }

  /// A parameter of JSON, decoded once for a constant argument however many rows it is given with.
  package static func json(
    _ name: String, _ summary: String, default defaultValue: Value? = nil, expected: String,
    isList: Bool = false, decode: @escaping @Sendable (JSON) throws(SibylError) -> any Sendable
  ) -> Parameter {
    Parameter(
      name, .json, summary, default: defaultValue, expected: expected, isList: isList, decode: decode)
  }

  /// The text that most functions are about.
  package static func text(_ summary: String) -> Parameter { Parameter("text", .text, summary) }

  /// The optional `model` parameter of the functions that embed.
  package static let embeddingModel = Parameter(
    "model", .text, "The embedding model's name; by default the one that ai_config('embedding_model') names.",
    default: .null, namesModel: true)

  /// The parameter of the functions that ask a trained classifier.
  package static let classifier = Parameter(
    "name", .text, "The classifier's name, as ai_train was given it.", namesModel: true)

  private static func expectation(of type: ValueType) -> String {
    switch type {
    case .text: "text"
    case .integer: "a whole number"
    case .real: "a number"
    case .boolean: "1 (yes) or 0 (no)"
    case .json: "JSON text"
    case .embedding: "an embedding: a blob of little-endian float32 values"
    case .textOrEmbedding: "text, or an embedding as ai_embed returns it"
    case .texts: "texts"
    case .scalar: "text or a number"
    }
  }
}
