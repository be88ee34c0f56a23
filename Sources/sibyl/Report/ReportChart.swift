/// The charts of a report, as SVG inside the page: colours come from the page's style, numbers stand beside the marks.
enum ReportChart {
  private static let width = 640.0

  /// A bar a label, the most frequent first.
  static func bars(_ counts: [(label: String, count: Int)], of total: Int) -> String {
    let most = max(counts.map(\.count).max() ?? 1, 1)
    var rows = ""
    for (label, count) in counts {
      let share = Double(count) / Double(max(total, 1)) * 100
      let length = Double(count) / Double(most) * 100
      rows += "<div class=\"bar\"><span class=\"label\">\(label)</span>"
      rows += "<span class=\"track\"><span style=\"width:\(text(length))%\"></span></span>"
      rows += "<span class=\"number\">\(NumberText.grouped(count))</span>"
      rows += "<span class=\"number quiet\">\(text(share))%</span></div>"
    }
    return "<div class=\"bars\">\(rows)</div>"
  }

  /// Counts over equal parts of the range from 0 to 1.
  static func histogram(_ counts: [Int]) -> String {
    let height = 140.0
    let most = Double(max(counts.max() ?? 1, 1))
    let step = width / Double(max(counts.count, 1))
    var marks = ""
    for (index, count) in counts.enumerated() {
      let bar = Double(count) / most * height
      let from = Double(index) / Double(counts.count)
      let to = Double(index + 1) / Double(counts.count)
      marks += "<rect x=\"\(text(Double(index) * step + 1))\" y=\"\(text(height - bar + 14))\" "
      marks += "width=\"\(text(step - 2))\" height=\"\(text(bar))\" rx=\"2\">"
      marks += "<title>\(NumberText.decimal(from, places: 2)) to \(NumberText.decimal(to, places: 2)): "
      marks += "\(NumberText.grouped(count))</title></rect>"
    }
    for tick in [0.0, 0.25, 0.5, 0.75, 1] {
      let anchor = tick == 0 ? "start" : tick == 1 ? "end" : "middle"
      marks += "<text x=\"\(text(tick * width))\" y=\"\(text(height + 32))\" text-anchor=\"\(anchor)\">"
      marks += "\(NumberText.decimal(tick, places: 2))</text>"
    }
    marks += "<text x=\"0\" y=\"10\">up to \(NumberText.grouped(Int(most))) rows</text>"
    marks += line(y: height + 14)
    return svg(height: height + 38, marks)
  }

  /// Answers a second over the time of the run.
  static func throughput(_ moments: [RunRecord.Moment]) -> String {
    let height = 140.0
    let bins = 80
    guard let last = moments.last, let first = moments.first, last.seconds > first.seconds else { return "" }
    // Equal parts of the time: moments are as dense as the run told them.
    let duration = last.seconds - first.seconds
    var rates = [Double](repeating: 0, count: bins)
    for bin in 0..<bins {
      let from = first.seconds + duration * Double(bin) / Double(bins)
      let to = first.seconds + duration * Double(bin + 1) / Double(bins)
      rates[bin] = max(0, answered(moments, at: to) - answered(moments, at: from)) / (to - from)
    }
    let most = max(rates.max() ?? 1, 1)
    let points = rates.enumerated().map { bin, rate in
      "\(text((Double(bin) + 0.5) / Double(bins) * width)),\(text(height + 14 - rate / most * height))"
    }
    var marks = "<polygon points=\"0,\(text(height + 14)) \(points.joined(separator: " ")) "
    marks += "\(text(width)),\(text(height + 14))\"/><polyline points=\"\(points.joined(separator: " "))\"/>"
    marks += "<text x=\"0\" y=\"10\">up to \(NumberText.grouped(Int(most.rounded()))) answers a second</text>"
    marks += "<text x=\"0\" y=\"\(text(height + 32))\">0 s</text>"
    marks += "<text x=\"\(text(width))\" y=\"\(text(height + 32))\" text-anchor=\"end\">"
    marks += "\(NumberText.decimal(last.seconds, places: last.seconds < 10 ? 2 : 0)) s</text>"
    marks += line(y: height + 14)
    return svg(height: height + 38, marks)
  }

  /// The number of answers at a time, on the straight lines between the moments.
  private static func answered(_ moments: [RunRecord.Moment], at seconds: Double) -> Double {
    guard let next = moments.firstIndex(where: { $0.seconds >= seconds }) else {
      return Double(moments.last?.answered ?? 0)
    }
    guard next > 0 else { return Double(moments[0].answered) }
    let (before, after) = (moments[next - 1], moments[next])
    let part = (seconds - before.seconds) / max(after.seconds - before.seconds, 1e-9)
    return Double(before.answered) + part * Double(after.answered - before.answered)
  }

  private static func line(y: Double) -> String {
    "<line x1=\"0\" x2=\"\(text(width))\" y1=\"\(text(y))\" y2=\"\(text(y))\"/>"
  }

  private static func svg(height: Double, _ marks: String) -> String {
    "<svg viewBox=\"0 0 \(text(width)) \(text(height))\" role=\"img\">\(marks)</svg>"
  }

  private static func text(_ number: Double) -> String { NumberText.decimal(number, places: 1) }
}
