import Diagnostics
import Inference

extension AITable {
  static let review = AITable(
    name: "ai_review",
    summary: "The rows of a query whose labels would teach a trained classifier the most.",
    details: """
      sql is a query with one or two columns: a text, and what you know the row by. The rows that come first are those \
      that the classifier wavers about (the two most probable labels are nearly as probable) and that are unlike the \
      rows before them, so that no label is given twice for the same lesson: of the most uncertain rows the one comes \
      next whose uncertainty times its distance to the nearest row before it is largest. Texts that come twice count \
      once; blank ones and those that ai_feedback was told of are left out. Label them, tell ai_feedback, and train \
      again with {"from":"feedback"}. The same rows give the same answer, whatever their order.
      """,
    parameters: [
      .classifier,
      Parameter("sql", .text, "The query: 'SELECT body, id FROM tickets'."),
      Parameter(
        "n", .integer, "How many rows, by default \(defaultCount).", default: .integer(Int64(defaultCount)),
        expected: expectedCount),
    ],
    columns: [
      Column("text", .text, "The text."),
      Column("id", .text, "The query's second column; NULL where it has one."),
      Column("label", .text, "What the classifier thinks."),
      Column("confidence", .real, "How probable it finds that, from 0 to 1."),
      Column("other_label", .text, "What it finds next probable."),
      Column("margin", .real, "By how much the first is more probable than the second, from 0 to 1."),
    ],
    volatility: .volatile, session: SessionUse(query: 1, corrections: 0, classifier: 0),
    model: .classifier(parameter: 0)
  ) { (context, call) throws(SibylError) in
    let count = call.integer(2) ?? Int64(defaultCount)
    guard (1...Int64(Limits.maximumReviewCount)).contains(count) else {
      throw context.argumentError(2, "must be \(expectedCount); got \(count)")
    }
    let store = try context.host.requireClassifiers()
    let classifier = try store.classifier(named: call.text(0))
    var selection = ReviewSelection(
      classifier, count: Int(count),
      context: CallContext(
        entry: context.entry, host: store, model: try classifier.encoder(), evaluator: context.evaluator))
    selection.leaveOut(try store.corrections(of: classifier.name).map(\.text))
    try context.told(of: 1) { () throws(SibylError) in
      try store.forEachRow(
        of: call.text(1), columns: 1...2,
        expected: "one SELECT with one or two columns, a text and what the row is known by",
        for: context.entry
      ) { (row) throws(SibylError) in
        try selection.add(row[0], id: row.count > 1 ? row[1] : .null)
      }
    }
    return try selection.chosen()
  }

  private static let defaultCount = 10
  private static let expectedCount = "a whole number from 1 to \(Limits.maximumReviewCount)"
}
