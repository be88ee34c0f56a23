import Diagnostics
import JSON

/// The options of an `ai_predict` call.
struct PredictOptions: Sendable {
  /// Below this probability the answer is NULL.
  var minimumConfidence: Double?
  /// Whether to answer with every label's probability.
  var returnsScores = false

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: ["min_confidence", "scores"])
    minimumConfidence = try members.number("min_confidence", "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    returnsScores = try members.boolean("scores") ?? false
  }

  /// The same, as `ai_classify` has them.
  var classifyOptions: ClassifyOptions {
    var options = ClassifyOptions()
    options.minimumConfidence = minimumConfidence
    options.returnsScores = returnsScores
    return options
  }
}
