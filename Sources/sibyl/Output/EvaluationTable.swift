import Diagnostics
import Functions

/// A measurement as `sibyl eval` prints it: a row a label, and what all of them come to.
enum EvaluationTable {
  private static let columns = ["label", "rows", "precision", "recall", "f1", "most often taken for"]

  static func write(
    _ report: EvaluationReport, to writer: inout any RowWriter, _ output: ByteOutput
  ) throws(SibylError) {
    try writer.begin(columns: columns, to: output)
    for label in report.labels {
      let texts = [
        label.name, NumberText.grouped(label.rows), percentage(label.precision), percentage(label.recall),
        percentage(label.f1), mistake(of: label),
      ]
      try Cell.withTexts(texts) { (cells) throws(SibylError) in try writer.write(cells, to: output) }
    }
    try writer.end(to: output)
  }

  /// The lines under the table.
  static func summary(_ report: EvaluationReport, previous: EvaluationHistory.Entry?) -> String {
    var lines = ["\(NumberText.grouped(report.rows)) rows"]
    if report.unanswered > 0 { lines[0] += ", \(NumberText.grouped(report.unanswered)) without an answer" }
    if report.unlabelled > 0 {
      lines[0] += "; \(NumberText.grouped(report.unlabelled)) more have no right label and are left out"
    }
    lines.append(line("accuracy", report.accuracy, before: previous?.accuracy, previous))
    lines.append(line("macro F1", report.macroF1, before: previous?.macroF1, previous))
    if let error = report.calibrationError {
      lines.append(line("calibration error", error, before: previous?.calibrationError, previous))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(
    _ name: String, _ figure: EvaluationReport.Figure, before: Double?, _ previous: EvaluationHistory.Entry?
  ) -> String {
    var line = "\(name) \(percentage(figure.value)) (95%: \(percentage(figure.interval.lowerBound)) to "
    line += "\(percentage(figure.interval.upperBound)))"
    guard let before, let previous else { return line }
    let change = figure.value - before
    line +=
      ", \(change < 0 ? "-" : "+")\(NumberText.decimal(abs(change) * 100, places: 1)) since \(previous.time)"
    if change != 0, figure.interval.contains(before) { line += ", which may be chance" }
    return line
  }

  private static func mistake(of label: EvaluationReport.Label) -> String {
    guard let worst = label.predictions.first(where: { $0.label != label.name }) else { return "" }
    return "\(worst.label ?? "no answer") (\(NumberText.grouped(worst.rows)))"
  }

  private static func percentage(_ share: Double) -> String {
    NumberText.decimal(share * 100, places: 1) + "%"
  }
}
