import Diagnostics

/// Rows as an aligned table for people:
///
/// ```
///  mood     | count
/// ----------+-------
///  negative |    83
///  positive |   104
/// ```
///
/// Numbers stand right. The first rows, up to `measuredBytes`, decide how wide the columns are; rows behind them
/// are written as they come, so that memory stays bounded.
package struct TableWriter: RowWriter {
  /// How much text is held back to measure columns.
  package static let measuredBytes = 4 << 20

  private let style: TerminalStyle
  private var columns: [String] = []
  private var widths: [Int] = []
  /// Cells held back until the widths are known.
  private var held: [[Entry]] = []
  private var heldBytes = 0
  private var isMeasured = false

  private struct Entry {
    let text: String
    let isNumber: Bool
    let isNull: Bool
  }

  package init(style: TerminalStyle) {
    self.style = style
  }

  package mutating func begin(columns: [String], to output: ByteOutput) {
    self.columns = columns.map(Self.printable)
    widths = self.columns.map(DisplayWidth.of)
  }

  package mutating func write(_ row: [Cell], to output: ByteOutput) throws(SibylError) {
    let entries = row.map(Self.entry)
    if isMeasured {
      write(entries, to: output)
      try output.flushIfFull()
      return
    }
    for (index, entry) in entries.enumerated() where index < widths.count {
      widths[index] = max(widths[index], DisplayWidth.of(entry.text))
      heldBytes += entry.text.utf8.count + MemoryLayout<Entry>.stride
    }
    held.append(entries)
    if heldBytes > Self.measuredBytes { try writeHeld(to: output) }
  }

  package mutating func end(to output: ByteOutput) throws(SibylError) {
    if !isMeasured { try writeHeld(to: output) }
  }

  /// What stands for a blob where people read: its bytes would say nothing.
  static func summary(of blob: UnsafeRawBufferPointer) -> String {
    "<blob of \(blob.count) \(blob.count == 1 ? "byte" : "bytes")>"
  }

  private static func entry(_ cell: Cell) -> Entry {
    switch cell {
    case .null: return Entry(text: "NULL", isNumber: false, isNull: true)
    case .integer(let value): return Entry(text: String(value), isNumber: true, isNull: false)
    case .real(let value): return Entry(text: NumberText.of(value), isNumber: true, isNull: false)
    case .text(let bytes):
      return Entry(text: printable(String(decoding: bytes, as: UTF8.self)), isNumber: false, isNull: false)
    case .blob(let bytes): return Entry(text: summary(of: bytes), isNumber: false, isNull: true)
    }
  }

  /// Text on one line: control characters, which could also command the terminal, become `\n`, `\t`, `\x1b`.
  private static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case let scalar where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }

  private mutating func writeHeld(to output: ByteOutput) throws(SibylError) {
    isMeasured = true
    for (index, column) in columns.enumerated() {
      let isLast = index == columns.count - 1
      output.write(index == 0 ? " " : " | ")
      output.write(style.bold(column))
      if !isLast {
        output.write(repeating: UInt8(ascii: " "), count: widths[index] - DisplayWidth.of(column))
      }
    }
    output.write("\n")
    for index in columns.indices {
      if index > 0 { output.write("+") }
      output.write(repeating: UInt8(ascii: "-"), count: widths[index] + 2)
    }
    output.write("\n")
    for entries in held {
      write(entries, to: output)
      try output.flushIfFull()
    }
    held = []
  }

  private func write(_ entries: [Entry], to output: ByteOutput) {
    for (index, entry) in entries.enumerated() where index < widths.count {
      let padding = widths[index] - DisplayWidth.of(entry.text)
      let isLast = index == widths.count - 1
      output.write(index == 0 ? " " : " | ")
      if entry.isNumber { output.write(repeating: UInt8(ascii: " "), count: padding) }
      output.write(entry.isNull ? style.dim(entry.text) : entry.text)
      if !entry.isNumber && !isLast { output.write(repeating: UInt8(ascii: " "), count: padding) }
    }
    output.write("\n")
  }
}
