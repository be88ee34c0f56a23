import Functions

/// What a run did, for the line at its end.
package struct RunSummary: Sendable {
  /// Rows that were printed, or written where none are printed.
  package var rows = 0
  package var counts = CallCounts()
  /// How many rows went to which model.
  package var cascades: [CascadeReport] = []

  package init() {}

  /// How many of a hundred different calls had their answer before.
  var cachedPercentage: Int {
    counts.distinct > 0 ? Int(Double(counts.cached) / Double(counts.distinct) * 100) : 100
  }

  func callsPerSecond(_ seconds: Double) -> Int {
    Int((Double(counts.calls) / max(seconds, 1e-6)).rounded())
  }

  /// `3 rows in 2.1 s: 100,000 AI calls (47,619/s), 12% cached`
  package func line(seconds: Double) -> String {
    let rowsText = "\(NumberText.grouped(rows)) \(rows == 1 ? "row" : "rows")"
    let time = "\(NumberText.decimal(seconds, places: seconds < 1 ? 2 : 1)) s"
    guard counts.calls > 0 else { return "\(rowsText) in \(time)" }
    let callsText = "\(NumberText.grouped(counts.calls)) AI \(counts.calls == 1 ? "call" : "calls")"
    let rate = NumberText.grouped(callsPerSecond(seconds))
    return "\(rowsText) in \(time): \(callsText) (\(rate)/s), \(cachedPercentage)% cached"
  }
}
