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
  /// Sends what the encoder is not sure of to a larger model.
  var cascade: CascadeOptions?
  /// Whether a call that can't be answered is NULL instead of an error.
  var answersNullOnError = false

  static let names = ["multi_label", "min_confidence", "scores", "examples", "model", "cascade", "on_error"]

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: Self.names)
    isMultiLabel = try members.boolean("multi_label") ?? false
    returnsScores = try members.boolean("scores") ?? false
    minimumConfidence = try members.number("min_confidence", "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    model = try members.text("model", "a model's name")
    examples = try members["examples"].map { (json) throws(SibylError) in try Self.examples(json) } ?? []
    cascade = try members["cascade"].map { (json) throws(SibylError) in try CascadeOptions(json) }
    guard cascade == nil || !isMultiLabel else {
      throw SibylError(.invalidArgument, "can't have both \"multi_label\" and \"cascade\"")
    }
    answersNullOnError = try members.answersNullOnError() ?? false
  }

  /// The options with which the large model of a cascade is asked for the same: every label's probability.
  func asked(of target: String) -> JSON {
    var members = JSONObject([("model", .string(target)), ("scores", true)])
    if !examples.isEmpty {
      members.append(
        "examples", .array(examples.map { ["text": .string($0.text), "label": .string($0.label)] }))
    }
    return .object(members)
  }

  private static func examples(_ json: JSON) throws(SibylError) -> [Example] {
    let expected = "an array of objects {\"text\": …, \"label\": …}"
    guard case .array(let elements) = json else { throw OptionMembers.fault("examples", expected, json) }
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
}
