/// The formats of `sibyl run --output`.
package enum OutputFormat: String, CaseIterable, Sendable {
  case table
  case csv
  case json
  case markdown

  /// A writer for one result.
  package func makeWriter(style: TerminalStyle) -> any RowWriter {
    switch self {
    case .table: return TableWriter(style: style)
    case .csv: return CSVWriter()
    case .json: return JSONRowWriter()
    case .markdown: return MarkdownWriter()
    }
  }
}
