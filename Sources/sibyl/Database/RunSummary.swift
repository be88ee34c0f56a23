/// What a run did, for the line at its end.
package struct RunSummary: Sendable {
  /// Rows that were printed, or written where none are printed.
  package var rows = 0
  package var calls = 0
  package var distinct = 0
  package var cached = 0
  package var computed = 0

  package init() {}

  /// `3 rows in 2.1 s: 100,000 AI calls (47,619/s), 12% cached`
  package func line(seconds: Double) -> String {
    let rowsText = "\(NumberText.grouped(rows)) \(rows == 1 ? "row" : "rows")"
    let time = "\(NumberText.decimal(seconds, places: seconds < 1 ? 2 : 1)) s"
    guard calls > 0 else { return "\(rowsText) in \(time)" }
    let callsText = "\(NumberText.grouped(calls)) AI \(calls == 1 ? "call" : "calls")"
    let rate = NumberText.grouped(Int((Double(calls) / max(seconds, 1e-6)).rounded()))
    let share = distinct > 0 ? Int(Double(cached) / Double(distinct) * 100) : 100
    return "\(rowsText) in \(time): \(callsText) (\(rate)/s), \(share)% cached"
  }
}
