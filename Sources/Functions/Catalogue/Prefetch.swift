import Diagnostics

extension AIFunction {
  static let prefetch = AIFunction(
    name: "ai_prefetch",
    summary: "Computes every AI call that a statement will make, in large batches, and keeps the answers.",
    details: """
      Runs the statement in collecting mode, where a call whose answer is not cached is noted and gives NULL, \
      computes all noted calls together, and repeats that until none is left; nothing is written. The \
      statement itself then runs at the cache's speed. Takes any SELECT, INSERT … SELECT, UPDATE, DELETE or \
      CREATE TABLE AS. Returns a JSON object with the counts calls, distinct, cached, computed and passes, and \
      the seconds it took.
      """,
    parameters: [Parameter("sql", .text, "The statement to prepare for.")],
    returns: .json,
    volatility: .volatile, belongsToSession: true,
    eachCall: { (context, call) throws(SibylError) in .text(try context.host.prefetch(call.text(0))) })
}
