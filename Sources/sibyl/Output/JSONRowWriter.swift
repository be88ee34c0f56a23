import Diagnostics

/// Rows as a JSON array of objects, one object a line. A blob is a string of its hexadecimal digits; a column
/// name that comes twice gets a number, because a JSON object's names are distinct.
package struct JSONRowWriter: RowWriter {
  /// `"name":` for each column.
  private var prefixes: [[UInt8]] = []
  private var hasRows = false

  package init() {}

  package mutating func begin(columns: [String], to output: ByteOutput) {
    var taken: Set<String> = []
    prefixes = columns.map { column in
      var name = column
      var number = 1
      while !taken.insert(name).inserted {
        name = "\(column):\(number)"
        number += 1
      }
      var prefix: [UInt8] = []
      Self.append(quoted: name, to: &prefix)
      prefix.append(UInt8(ascii: ":"))
      return prefix
    }
    output.write("[")
  }

  package mutating func write(_ row: [Cell], to output: ByteOutput) throws(SibylError) {
    output.write(hasRows ? ",\n " : "")
    hasRows = true
    output.write("{")
    for (index, cell) in row.enumerated() where index < prefixes.count {
      if index > 0 { output.write(",") }
      output.write(bytes: prefixes[index][...])
      switch cell {
      case .null: output.write("null")
      case .integer(let value): output.write(String(value))
      case .real(let value):
        // JSON has no infinity; this is how SQLite's own json functions write it.
        output.write(value.isInfinite ? (value < 0 ? "-9e999" : "9e999") : NumberText.of(value))
      case .text(let bytes):
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 2)
        Self.append(quoted: String(decoding: bytes, as: UTF8.self), to: &text)
        output.write(bytes: text[...])
      case .blob(let bytes):
        output.write("\"")
        output.write(hexadecimal: bytes)
        output.write("\"")
      }
    }
    output.write("}")
    try output.flushIfFull()
  }

  package mutating func end(to output: ByteOutput) {
    output.write("]\n")
  }

  /// A JSON string (RFC 8259, section 7). Text that isn't UTF-8 has been repaired by now.
  private static func append(quoted text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case 10: bytes.append(contentsOf: "\\n".utf8)
      case 13: bytes.append(contentsOf: "\\r".utf8)
      case 9: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
