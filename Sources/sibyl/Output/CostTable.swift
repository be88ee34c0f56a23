import Diagnostics
import Functions

/// A cost estimate as `sibyl explain` prints it: a row a function, and what all of them come to.
enum CostTable {
  private static let columns = [
    "function", "model", "calls", "distinct", "cached", "to compute", "tokens", "seconds",
  ]

  static func write(
    _ estimate: CostEstimate, to writer: inout any RowWriter, _ output: ByteOutput
  ) throws(SibylError) {
    try writer.begin(columns: columns, to: output)
    for (name, counts) in estimate.functions {
      let total = estimate.total(of: name)
      let texts = [
        name, total.model ?? "", NumberText.grouped(counts.calls),
        NumberText.grouped(counts.distinct), NumberText.grouped(counts.cached),
        NumberText.grouped(total.calls), text(total.tokens, places: 0),
        total.seconds.map { text($0, places: 1) } ?? "unknown",
      ]
      try Cell.withTexts(texts) { (cells) throws(SibylError) in try writer.write(cells, to: output) }
    }
    try writer.end(to: output)
  }

  /// The lines under the table.
  static func summary(_ estimate: CostEstimate) -> String {
    guard estimate.calls > 0 else { return "The statement makes no AI calls.\n" }
    let total = estimate.total
    var text = "\(NumberText.grouped(total.calls)) calls to compute"
    if total.calls > 0 {
      text += ": \(self.text(total.tokens, places: 0)) tokens"
      if let seconds = total.seconds { text += ", \(duration(seconds)) on this machine" }
    }
    text += "; about \(NumberText.grouped(Int(Double(estimate.peakBytes) / 1e6))) MB of memory"
    text += ", \(estimate.isComplete ? "" : "at least ")\(estimate.passes) "
    text += estimate.passes == 1 ? "pass over the rows.\n" : "passes over the rows.\n"
    if !estimate.isComplete {
      text +=
        "Some calls depend on the answers of others; these can't be counted before and are not in the table.\n"
    }
    return text
  }

  private static func text(_ guess: CostEstimate.Guess, places: Int) -> String {
    let value = number(guess.value, places)
    return guess.error > 0 ? "\(value) ± \(number(guess.error, places))" : value
  }

  private static func number(_ value: Double, _ places: Int) -> String {
    guard places == 0 || value >= 1_000, value.isFinite, value < 1e15 else {
      return NumberText.decimal(value, places: places)
    }
    return NumberText.grouped(Int(value.rounded()))
  }

  /// `4.2 ± 0.4 s`, `12 ± 1 min`, `3.1 ± 0.3 h`
  private static func duration(_ seconds: CostEstimate.Guess) -> String {
    let (unit, scale): (String, Double) =
      seconds.value < 100 ? ("s", 1) : seconds.value < 6_000 ? ("min", 60) : ("h", 3_600)
    var scaled = seconds
    scaled.value /= scale
    scaled.error /= scale
    return text(scaled, places: 1) + " \(unit)"
  }
}
