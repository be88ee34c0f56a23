import Functions
import JSON

/// What a replay did: the numbers that `ai_prefetch` answers.
package struct ReplayReport: Hashable, Sendable {
  /// AI calls that the query makes, and what became of them. The statement itself will raise the errors of those that
  /// failed.
  package var counts = CallCounts()
  /// How often the query was read.
  package var passes = 0
  /// Rows of the last pass.
  package var rows = 0
  package var seconds = 0.0
  /// What part of the budget ended the replay.
  package var stoppedBy: WorkBudget.Limit?
  /// Known calls that were left for that reason.
  package var left = 0
  /// Whether the last pass found nothing left to compute. A query that reads other rows each time
  /// (`ORDER BY random() LIMIT 10`) may never get there.
  package var isComplete = false
  /// Whether every AI call of the last pass had its answer: its rows are the query's rows.
  package var isExact = false

  /// How many rows went to which model, for each cascade that the replay computed answers with.
  package var cascades: [CascadeReport] = []

  /// The report as a JSON object.
  package var json: String {
    var text = """
      {"calls":\(counts.calls),"distinct":\(counts.distinct),"cached":\(counts.cached),\
      "computed":\(counts.computed),"passes":\(passes),\
      "seconds":\((seconds * 1000).rounded() / 1000)
      """
    if counts.failed > 0 { text += ",\"failed\":\(counts.failed)" }
    if let stoppedBy { text += ",\"stopped\":\"\(stoppedBy.rawValue)\",\"left\":\(left)" }
    if !isComplete { text += ",\"complete\":false" }
    if !cascades.isEmpty {
      text += ",\"cascades\":" + JSON.array(cascades.map(\.json)).serialized()
    }
    return text + "}"
  }
}
