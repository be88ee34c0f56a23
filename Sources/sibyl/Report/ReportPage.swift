import Functions

/// The page that `sibyl run --report` writes: one self-contained HTML file, without scripts or anything from a network,
/// light or dark as the reader's system is.
struct ReportPage {
  let sql: String
  let database: String
  let date: String
  let summary: RunSummary
  let seconds: Double
  let record: RunRecord

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sibyl: \(escaped(title))</title>
    <style>\(ReportStyle.sheet)</style>
    </head>
    <body>
    <main>
    <h1>Report of a run</h1>
    <p class="quiet">\(escaped(database)), \(escaped(date))</p>
    <pre>\(escaped(sql.trimmingBlanks))</pre>
    \(tiles)
    \(record.answers.map(answers).joined(separator: "\n"))
    \(throughput)
    \(rows("Least confident rows", record.leastConfident, column: "confidence", note: "These are the ones to look at first.") { NumberText.decimal($0, places: 2) })
    \(rows("Slowest rows", record.slowest, column: "ms", note: "The longest text of each slow batch; a batch's time is shared out by the lengths of its texts.") { NumberText.decimal($0 * 1_000, places: 1) })
    <p class="quiet">Made by sibyl \(SibylVersion.current). This page holds texts of your data.</p>
    </main>
    </body>
    </html>

    """
  }

  private var title: String { String(sql.trimmingBlanks.prefix(60)) }

  // MARK: Parts

  private var tiles: String {
    let tiles = [
      ("rows", NumberText.grouped(summary.rows)), ("AI calls", NumberText.grouped(summary.counts.calls)),
      ("different ones", NumberText.grouped(summary.counts.distinct)),
      ("from the cache", "\(summary.cachedPercentage)%"),
      ("seconds", NumberText.decimal(seconds, places: seconds < 10 ? 2 : 1)),
      ("calls a second", NumberText.grouped(summary.callsPerSecond(seconds))),
    ]
    return "<dl class=\"tiles\">"
      + tiles.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }.joined() + "</dl>"
  }

  private func answers(_ answers: RunRecord.Answers) -> String {
    var text = "<section><h2><code>\(escaped(answers.function))</code></h2>"
    if let labels = answers.labels, !labels.isEmpty {
      let sorted = labels.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      text +=
        "<h3>Answers</h3>" + ReportChart.bars(sorted.map { (escaped($0.key), $0.value) }, of: answers.count)
    } else {
      text +=
        "<p>\(NumberText.grouped(answers.count)) answers, \(NumberText.grouped(answers.missing)) of them NULL.</p>"
    }
    if answers.hasConfidences {
      text += "<h3>Confidence</h3>" + ReportChart.histogram(answers.confidences)
    }
    return text + "</section>"
  }

  private var throughput: String {
    guard record.moments.count > 2 else { return "" }
    return "<section><h2>Throughput</h2>" + ReportChart.throughput(record.moments) + "</section>"
  }

  private func rows(
    _ title: String, _ rows: [RunRecord.Row], column: String, note: String, _ measure: (Double) -> String
  ) -> String {
    guard !rows.isEmpty else { return "" }
    let hasAnswers = rows.contains { !$0.answer.isEmpty }
    var text = "<section><h2>\(title)</h2><p class=\"quiet\">\(note)</p><table><thead><tr><th>\(column)</th>"
    text += "<th>function</th>\(hasAnswers ? "<th>answer</th>" : "")<th>text</th></tr></thead><tbody>"
    for row in rows {
      text +=
        "<tr><td class=\"number\">\(measure(row.measure))</td><td><code>\(escaped(row.function))</code></td>"
      if hasAnswers { text += "<td>\(escaped(row.answer))</td>" }
      text += "<td>\(escaped(row.text))</td></tr>"
    }
    return text + "</tbody></table></section>"
  }
}

/// Text as HTML shows it. Control characters, which HTML has no way to show, become U+FFFD.
func escaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "'": escaped += "&#39;"
    case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): escaped += "\u{FFFD}"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}

extension String {
  fileprivate var trimmingBlanks: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
