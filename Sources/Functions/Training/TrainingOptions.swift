import Diagnostics
import JSON

/// The options of an `ai_train` call.
struct TrainingOptions: Sendable {
  var method = TrainingMethod.head
  /// The encoder's name; nil for the default one.
  var model: String?
  /// The strength of the L2 penalty; nil where it is to be chosen.
  var l2: Double?
  var folds = 5
  var seed: UInt64 = 1

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: ["method", "model", "l2", "folds", "seed"])
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
  }
}
