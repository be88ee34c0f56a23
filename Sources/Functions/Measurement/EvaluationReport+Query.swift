import Diagnostics

extension EvaluationReport {
  /// Measures a query of predictions and right labels, whose AI calls are computed in batches first.
  ///
  /// - Throws: `invalidArgument` where the statement is no such query, or gives no row with a right label.
  package init(of sql: String, on host: some FunctionHost) throws(SibylError) {
    _ = try host.prefetch(sql, budget: WorkBudget())
    var predictions = LabelledPredictions()
    try host.readRows(of: sql, columns: 2...3) { (row) throws(SibylError) in
      try predictions.add(
        prediction: row[0].labelText, truth: row[1].labelText,
        confidence: row.count > 2 ? row[2].probability() : nil)
    }
    guard predictions.rows > 0 else {
      throw SibylError(
        .invalidArgument,
        "argument 1 (sql) must give rows with a right label in column 2; it gives "
          + (predictions.unlabelled == 0 ? "no rows" : "only rows where that is NULL"))
    }
    self.init(predictions)
  }
}

extension Value {
  /// A label as SQL compares it after a cast to text; nil for NULL.
  fileprivate var labelText: String? {
    if case .blob(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { castText }
  }

  fileprivate func probability() throws(SibylError) -> Double? {
    switch self {
    case .null: return nil
    case .integer(let value): return Double(value)
    case .real(let value): return value
    case .text, .blob:
      throw SibylError(
        .invalidArgument,
        "column 3, the prediction's probability, must be a number from 0 to 1; got \(typeDescription)")
    }
  }
}
