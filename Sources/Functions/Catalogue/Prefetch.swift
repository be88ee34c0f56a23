import Diagnostics
import JSON

extension AIFunction {
  static let prefetch = AIFunction(
    name: "ai_prefetch",
    summary: "Computes every AI call that a statement will make, in large batches, and keeps the answers.",
    details: """
      Runs the statement in collecting mode, where a call whose answer is not cached is noted and gives NULL, \
      computes all noted calls together, and repeats that until none is left; nothing is written. The \
      statement itself then runs at the cache's speed. Takes any SELECT, INSERT … SELECT, UPDATE, DELETE or \
      CREATE TABLE AS. options is a JSON object with a budget: "max_calls" and "max_seconds" end the work before \
      they are exceeded; what was computed is kept, and the same call goes on behind it. Returns a JSON object with \
      the counts calls, distinct, cached, computed and passes, and the seconds it took; "stopped" names the limit \
      that ended it, "left" says how many known calls are still to be computed.
      """,
    parameters: [
      Parameter("sql", .text, "The statement to prepare for."),
      .options { json throws(SibylError) in try PrefetchOptions(json) },
    ],
    returns: .json,
    volatility: .volatile, belongsToSession: true,
    eachCall: { (context, call) throws(SibylError) in
      let options = call.decoded(1, as: PrefetchOptions.self)
      return .text(try context.host.prefetch(call.text(0), budget: options?.budget ?? WorkBudget()))
    })
}

/// The options of `ai_prefetch`.
private struct PrefetchOptions: Sendable {
  let budget: WorkBudget

  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: ["max_calls", "max_seconds"])
    budget = WorkBudget(
      maximumCalls: try members.integer("max_calls", in: 1...Int.max),
      maximumSeconds: try members.number("max_seconds", "a number above 0") { $0 > 0 && $0.isFinite })
  }
}
