import Diagnostics

/// Rows as a Markdown table (GitHub Flavored Markdown, section 4.10). Cells are not padded, so that rows can be
/// written as they come; a line break in a cell becomes `<br>`.
package struct MarkdownWriter: RowWriter {
  private var columns: [String] = []
  private var hasRows = false

  package init() {}

  package mutating func begin(columns: [String], to output: ByteOutput) {
    self.columns = columns
  }

  package mutating func write(_ row: [Cell], to output: ByteOutput) throws(SibylError) {
    // The line under the header says how a column is aligned: numbers to the right, judged by the first row.
    if !hasRows { writeHeader(numbers: row.map(\.isNumber), to: output) }
    for cell in row {
      output.write("| ")
      switch cell {
      case .null: output.write("NULL")
      case .integer(let value): output.write(String(value))
      case .real(let value): output.write(NumberText.of(value))
      case .text(let bytes): write(String(decoding: bytes, as: UTF8.self), to: output)
      case .blob(let bytes): output.write(TableWriter.summary(of: bytes))
      }
      output.write(" ")
    }
    output.write("|\n")
    try output.flushIfFull()
  }

  package mutating func end(to output: ByteOutput) {
    if !hasRows { writeHeader(numbers: [], to: output) }
  }

  private mutating func writeHeader(numbers: [Bool], to output: ByteOutput) {
    hasRows = true
    for column in columns {
      output.write("| ")
      write(column, to: output)
      output.write(" ")
    }
    output.write("|\n")
    for index in columns.indices {
      output.write(index < numbers.count && numbers[index] ? "| ---: " : "| --- ")
    }
    output.write("|\n")
  }

  private func write(_ text: String, to output: ByteOutput) {
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|": output.write("\\|")
      case "\n" where previous == "\r": break
      case "\r", "\n": output.write("<br>")
      case "\0"..<" ", "\u{7F}": output.write("\u{FFFD}")
      default: output.write(String(scalar))
      }
      previous = scalar
    }
  }
}
