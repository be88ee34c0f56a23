import Diagnostics
import JSON

/// The options of an `ai_classify` call.
struct ClassifyOptions: Sendable {
  /// A text whose label is known.
  struct Example: Hashable, Sendable {
    let text: String
    let label: String
  }

  /// Whether any number of labels may apply.
  var isMultiLabel = false
  /// Below this probability the answer is NULL; with `isMultiLabel`, the label does not apply.
  var minimumConfidence: Double?
  /// Whether to answer with every label's probability.
  var returnsScores = false
  var examples: [Example] = []
  /// The name of an encoder or a decoder; nil for the default encoder.
  var model: String?
  /// Whether a call that can't be answered is NULL instead of an error.
  var answersNullOnError = false

  static let expected = "a JSON object of options"
  static let keys = ["multi_label", "min_confidence", "scores", "examples", "model", "on_error"]

  init() {}

  /// Reads the argument.
  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(_ json: JSON) throws(SibylError) {
    guard case .object(let members) = json else {
      throw SibylError(.invalidArgument, "must be \(Self.expected); got \(json.typeDescription)")
    }
    if let key = members.duplicateKeys.first {
      throw SibylError(.invalidArgument, "has the option \"\(key)\" twice")
    }
    for (key, value) in members {
      switch key {
      case "multi_label": isMultiLabel = try Self.boolean(value, key)
      case "scores": returnsScores = try Self.boolean(value, key)
      case "min_confidence":
        guard let number = value.numberValue, number >= 0, number <= 1 else {
          throw Self.fault(key, "a number from 0 to 1", value)
        }
        minimumConfidence = number
      case "model":
        guard let name = value.stringValue else { throw Self.fault(key, "a model's name", value) }
        model = name
      case "examples": examples = try Self.examples(value)
      case "on_error":
        switch value.stringValue {
        case "raise"?: answersNullOnError = false
        case "null"?: answersNullOnError = true
        default: throw Self.fault(key, "\"raise\" or \"null\"", value)
        }
      default:
        throw SibylError(
          .invalidArgument,
          "has the unknown option \"\(key)\"; the options are \(Self.keys.joined(separator: ", "))")
      }
    }
  }

  private static func boolean(_ value: JSON, _ key: String) throws(SibylError) -> Bool {
    guard let boolean = value.booleanValue else { throw fault(key, "true or false", value) }
    return boolean
  }

  private static func examples(_ json: JSON) throws(SibylError) -> [Example] {
    let expected = "an array of objects {\"text\": …, \"label\": …}"
    guard case .array(let elements) = json else { throw fault("examples", expected, json) }
    guard elements.count <= Limits.maximumExamples else {
      throw SibylError(
        .invalidArgument,
        "must have at most \(Limits.maximumExamples) examples; got \(elements.count)")
    }
    var examples: [Example] = []
    for (position, element) in elements.enumerated() {
      guard case .object(let members) = element, members.count == 2,
        let text = members["text"]?.stringValue, let label = members["label"]?.stringValue
      else {
        throw SibylError(
          .invalidArgument,
          "must have \(expected) as examples; number \(position + 1) is not like that")
      }
      examples.append(Example(text: text, label: label))
    }
    return examples
  }

  private static func fault(_ key: String, _ expected: String, _ found: JSON) -> SibylError {
    let text = found.serialized()
    let shown = text.utf8.count <= 40 ? text : found.typeDescription
    return SibylError(.invalidArgument, "must have \(expected) as \(key); got \(shown)")
  }
}
