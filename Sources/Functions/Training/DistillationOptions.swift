import Diagnostics
import JSON

/// The options of an `ai_distill` call.
struct DistillationOptions: Sendable {
  /// The fewest texts that a classifier can learn two labels from, and as many as `ai_train` takes.
  private static let textCounts = 4...Limits.maximumTrainingRows
  private static let ofTraining = ["model", "seed", "l2", "folds"]

  /// The large model's name; nil for the default one.
  var teacher: String?
  /// How many texts the large model labels, where there are so many.
  var textCount = 500
  /// How the classifier learns from them.
  var training = TrainingOptions()

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: ["from", "rows"] + Self.ofTraining)
    teacher = try members.text("from", "a decoder's name")
    textCount = try members.integer("rows", in: Self.textCounts) ?? textCount
    var others = JSONObject()
    for name in Self.ofTraining {
      if let value = members[name] { others.append(name, value) }
    }
    training = try TrainingOptions(.object(others))
  }
}
