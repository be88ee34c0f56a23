import Diagnostics

/// Rows as RFC 4180 CSV with a header, lines ending in CR LF. NULL is an empty field, the empty text `""`, a blob
/// its hexadecimal digits.
package struct CSVWriter: RowWriter {
  package init() {}

  package mutating func begin(columns: [String], to output: ByteOutput) {
    for (index, name) in columns.enumerated() {
      if index > 0 { output.write(byte: UInt8(ascii: ",")) }
      var name = name
      name.withUTF8 { Self.write(UnsafeRawBufferPointer($0), to: output) }
    }
    output.write("\r\n")
  }

  package mutating func write(_ row: [Cell], to output: ByteOutput) throws(SibylError) {
    for (index, cell) in row.enumerated() {
      if index > 0 { output.write(byte: UInt8(ascii: ",")) }
      switch cell {
      case .null: break
      case .integer(let value): output.write(String(value))
      case .real(let value): output.write(NumberText.of(value))
      case .text(let bytes): Self.write(bytes, to: output)
      case .blob(let bytes): output.write(hexadecimal: bytes)
      }
    }
    output.write("\r\n")
    try output.flushIfFull()
  }

  package mutating func end(to output: ByteOutput) {}

  private static func write(_ text: UnsafeRawBufferPointer, to output: ByteOutput) {
    let needsQuotation =
      text.isEmpty
      || text.contains { byte in
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: ",") || byte == 10 || byte == 13
      }
    guard needsQuotation else {
      output.write(bytes: text)
      return
    }
    output.write(byte: UInt8(ascii: "\""))
    for byte in text {
      if byte == UInt8(ascii: "\"") { output.write(byte: byte) }
      output.write(byte: byte)
    }
    output.write(byte: UInt8(ascii: "\""))
  }
}
