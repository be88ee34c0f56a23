import Diagnostics
import JSON
import Training

/// The options of an `ai_train` call.
struct TrainingOptions: Sendable {
  var method = TrainingMethod.head
  /// The encoder's name; nil for the default one.
  var model: String?
  /// The strength of the L2 penalty; nil where it is to be chosen.
  var l2: Double?
  var folds = 5
  var seed: UInt64 = 1
  /// Of the method "lora".
  var fineTuning = FineTuningOptions()
  /// Whether what ai_feedback was told of this classifier is learnt too.
  var includesFeedback = false

  private static let ofHead = ["l2", "folds"]
  private static let ofLoRA = ["epochs", "rank", "learning_rate", "batch_size", "patience"]

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(
      json, names: ["method", "model", "from", "seed"] + Self.ofHead + Self.ofLoRA)
    if let name = members["method"] {
      let known = name.stringValue.flatMap(TrainingMethod.init)
      guard let known else {
        let names = TrainingMethod.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        throw OptionMembers.fault("method", names, name)
      }
      method = known
    }
    model = try members.text("model", "an encoder's name")
    l2 = try members.number("l2", "a number above 0, at most 1000") { $0 > 0 && $0 <= 1000 }
    folds = try members.integer("folds", in: 2...20) ?? 5
    seed = UInt64(try members.integer("seed", in: 0...Int.max) ?? 1)
    if let from = members["from"] {
      guard from.stringValue == "feedback" else { throw OptionMembers.fault("from", "\"feedback\"", from) }
      includesFeedback = true
    }
    for name in method == .head ? Self.ofLoRA : Self.ofHead where members[name] != nil {
      let other: TrainingMethod = method == .head ? .lora : .head
      throw SibylError(
        .invalidArgument,
        "has the option \"\(name)\", which belongs to the method \"\(other.rawValue)\"; this is \"\(method.rawValue)\""
      )
    }
    fineTuning.seed = seed
    fineTuning.epochs = try members.integer("epochs", in: 1...100) ?? fineTuning.epochs
    fineTuning.rank = try members.integer("rank", in: 1...64) ?? fineTuning.rank
    fineTuning.batchSize = try members.integer("batch_size", in: 1...1024) ?? fineTuning.batchSize
    fineTuning.patience = try members.integer("patience", in: 1...1000) ?? fineTuning.patience
    if let rate = try members.number(
      "learning_rate", "a number above 0, at most 1", where: { $0 > 0 && $0 <= 1 })
    {
      // The head learns faster than what lies beneath it, by as much as it does by default.
      let share = fineTuning.headLearningRate / fineTuning.learningRate
      fineTuning.learningRate = Float(rate)
      fineTuning.headLearningRate = min(1, share * Float(rate))
    }
  }
}
