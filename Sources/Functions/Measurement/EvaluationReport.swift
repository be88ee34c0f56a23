import JSON

/// How good predictions are, each figure with the interval in which it would lie in 19 of 20 samples like this one.
package struct EvaluationReport: Sendable {
  package struct Figure: Sendable {
    package let value: Double
    package let interval: ClosedRange<Double>
  }

  package struct Label: Sendable {
    package let name: String
    /// Rows with this right label.
    package let rows: Int
    /// Of the rows for which it was predicted, the share for which it is right.
    package let precision: Double
    /// Of the rows with this right label, the share for which it was predicted.
    package let recall: Double
    package let f1: Double
    /// What was predicted for its rows, the most frequent first; nil stands for NULL.
    package let predictions: [(label: String?, rows: Int)]
  }

  package let rows: Int
  package let unanswered: Int
  package let unlabelled: Int
  package let accuracy: Figure
  package let macroF1: Figure
  /// Nil where no probabilities were given.
  package let calibrationError: Figure?
  /// The most frequent one first.
  package let labels: [Label]

  package init(_ predictions: LabelledPredictions) {
    rows = predictions.rows
    unanswered = predictions.unanswered
    unlabelled = predictions.unlabelled
    let cells = predictions.sortedCells
    let count = predictions.labels.count
    let figures = PredictionFigures(labelCount: count, cells: cells)
    func figure(_ value: Double, _ ofSample: (_ weigh: (Int) -> Double) -> Double) -> Figure {
      var bootstrap = PoissonBootstrap()
      return Figure(value: value, interval: bootstrap.interval(ofSample))
    }
    accuracy = figure(figures.accuracy) {
      PredictionFigures(labelCount: count, cells: cells, weigh: $0).accuracy
    }
    macroF1 = figure(figures.macroF1) {
      PredictionFigures(labelCount: count, cells: cells, weigh: $0).macroF1
    }
    let calibration = predictions.calibration
    calibrationError =
      calibration.isEmpty ? nil : figure(calibration.error()) { calibration.error(weigh: $0) }
    labels = zip(predictions.labels.indices, figures.labels).map { index, figures in
      Label(
        name: predictions.labels[index], rows: Int(figures.rows), precision: figures.precision,
        recall: figures.recall, f1: figures.f1,
        predictions: cells.filter { $0.cell.truth == index }.sorted { $0.count > $1.count }.map {
          (label: $0.cell.prediction.map { predictions.labels[$0] }, rows: $0.count)
        })
    }.sorted { $0.rows > $1.rows }
  }

  /// What `ai_evaluate` answers.
  package var json: JSON {
    var report: JSONObject = [
      "rows": .integer(Int64(rows)), "unanswered": .integer(Int64(unanswered)),
      "unlabelled": .integer(Int64(unlabelled)),
    ]
    Self.add(accuracy, "accuracy", to: &report)
    Self.add(macroF1, "macro_f1", to: &report)
    if let calibrationError { Self.add(calibrationError, "calibration_error", to: &report) }
    var classes = JSONObject()
    var confusion = JSONObject()
    for label in labels {
      classes.append(
        label.name,
        [
          "rows": .integer(Int64(label.rows)), "precision": Self.rounded(label.precision),
          "recall": Self.rounded(label.recall), "f1": Self.rounded(label.f1),
        ])
      guard label.rows > 0 else { continue }
      var predictions = JSONObject()
      for (prediction, rows) in label.predictions {
        // Rows without an answer are those that are missing in the sum.
        if let prediction { predictions.append(prediction, .integer(Int64(rows))) }
      }
      confusion.append(label.name, .object(predictions))
    }
    report.append("classes", .object(classes))
    report.append("confusion", .object(confusion))
    return .object(report)
  }

  private static func add(_ figure: Figure, _ name: String, to report: inout JSONObject) {
    report.append(name, rounded(figure.value))
    report.append(
      name + "_interval",
      .array([rounded(figure.interval.lowerBound), rounded(figure.interval.upperBound)]))
  }

  /// Four places are more than any sample bears.
  private static func rounded(_ value: Double) -> JSON {
    .number((value * 10_000).rounded() / 10_000)
  }
}
