import Diagnostics
import JSON

extension AIFunction {
  static let explain = AIFunction(
    name: "ai_explain",
    summary:
      "What the AI calls of a statement would cost: how many, how long, how much memory; in SQLite only.",
    details: """
      Reads the statement's rows once without changing anything. Returns a JSON object: calls, distinct, cached and \
      to_compute (different calls without an answer), tokens that models will read of the rows' texts, seconds on \
      this machine, peak_memory_mb, passes (how often the statement will be read, at least), rows, and the same for \
      each of its functions. Tokens are counted on a sample of \(CallSurvey.sampleSize) calls a function, seconds \
      measured on a part of it, for a second a function at most; the answers are kept like any others. tokens_error \
      and seconds_error say how far a number may be off in 19 of 20 cases. With {"exact": true} all tokens are \
      counted. "complete": false says that one call's answer decides whether others are made (an AI function in \
      WHERE, or inside another one), so that there may be more than were found.
      """,
    parameters: [
      Parameter("sql", .text, "The statement to look at."),
      .options { json throws(SibylError) in try ExplainOptions(json) },
    ],
    returns: .json,
    examples: [
      Example(
        "SELECT json_extract(ai_explain('SELECT ai_sentiment(''It works'')'), '$.calls', '$.distinct');",
        gives: "[1,1]")
    ],
    volatility: .volatile, belongsToSession: true, isInPostgres: false,
    eachCall: { (context, call) throws(SibylError) in
      let options = call.decoded(1, as: ExplainOptions.self) ?? ExplainOptions()
      return .text(try context.host.explain(call.text(0), isExact: options.isExact))
    })
}

/// The options of `ai_explain`.
private struct ExplainOptions: Sendable {
  var isExact = false

  init() {}

  init(_ json: JSON) throws(SibylError) {
    let members = try OptionMembers(json, names: ["exact"])
    isExact = try members.boolean("exact") ?? false
  }
}
