import NIOCore

/// Writes a result's values with their lengths (the output and send functions of PostgreSQL's types).
///
/// Holds a buffer that is used again for every number and array; one encoder a connection.
package struct CellEncoder {
  private var scratch: [UInt8] = []

  package init() {}

  /// - Throws: 22P02, 22003 or 0A000 where the cell has no such form; what was written must be taken back.
  @inline(__always)
  package mutating func write(
    _ cell: WireCell, type: WireType, format: FormatCode, into buffer: inout ByteBuffer
  ) throws(WireError) {
    switch (cell, format) {
    case (.null, _): buffer.writeInteger(Int32(-1))
    case (.text(let text), .text): try Self.writeText(text, into: &buffer)
    case (_, .text): try writeText(cell, type: type, into: &buffer)
    case (_, .binary): try writeBinary(cell, type: type, into: &buffer)
    }
  }

  // MARK: Text

  private static func writeText(_ text: String, into buffer: inout ByteBuffer) throws(WireError) {
    guard let length = Int32(exactly: text.utf8.count) else { throw tooLong }
    buffer.writeInteger(length)
    buffer.writeString(text)
  }

  private static let tooLong = WireError(.programLimitExceeded, "a value is too long for the protocol")

  private mutating func writeText(
    _ cell: WireCell, type: WireType, into buffer: inout ByteBuffer
  ) throws(WireError) {
    scratch.removeAll(keepingCapacity: true)
    appendText(of: cell, type: type)
    guard let length = Int32(exactly: scratch.count) else { throw Self.tooLong }
    buffer.writeInteger(length)
    buffer.writeBytes(scratch)
  }

  private mutating func appendText(of cell: WireCell, type: WireType) {
    switch cell {
    case .null: break
    case .text(let text): scratch.append(contentsOf: text.utf8)
    case .integer(let value): scratch.append(contentsOf: String(value).utf8)
    case .real(let value): NumberText.write(value, into: &scratch)
    case .double(let value): NumberText.write(value, into: &scratch)
    case .boolean(let value):
      if type == .boolean {
        scratch.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
      } else {
        scratch.append(contentsOf: value ? "true".utf8 : "false".utf8)
      }
    case .reals(let values):
      scratch.append(UInt8(ascii: "{"))
      for (place, value) in values.enumerated() {
        if place > 0 { scratch.append(UInt8(ascii: ",")) }
        NumberText.write(value, into: &scratch)
      }
      scratch.append(UInt8(ascii: "}"))
    case .texts(let values):
      scratch.append(UInt8(ascii: "{"))
      for (place, value) in values.enumerated() {
        if place > 0 { scratch.append(UInt8(ascii: ",")) }
        if let value {
          ArrayText.writeElement(value, into: &scratch)
        } else {
          scratch.append(contentsOf: "NULL".utf8)
        }
      }
      scratch.append(UInt8(ascii: "}"))
    }
  }

  // MARK: Binary

  private mutating func writeBinary(
    _ cell: WireCell, type: WireType, into buffer: inout ByteBuffer
  ) throws(WireError) {
    switch (type, cell) {
    case (.text, _), (.characterVarying, _), (.character, _), (.name, _), (.unknown, _), (.json, _):
      try writeText(cell, type: type, into: &buffer)
    case (.jsonb, _):
      scratch.removeAll(keepingCapacity: true)
      scratch.append(1)
      appendText(of: cell, type: type)
      guard let length = Int32(exactly: scratch.count) else { throw Self.tooLong }
      buffer.writeInteger(length)
      buffer.writeBytes(scratch)
    case (.bigint, .integer(let value)):
      buffer.writeInteger(Int32(8))
      buffer.writeInteger(value)
    case (.doublePrecision, .double(let value)):
      buffer.writeInteger(Int32(8))
      buffer.writeInteger(value.bitPattern)
    case (.realArray, .reals(let values)):
      try Self.writeArrayHead(element: .real, lengths: [values.count], hasNulls: false, into: &buffer) {
        for value in values {
          $0.writeInteger(Int32(4))
          $0.writeInteger(value.bitPattern)
        }
      }
    default:
      // Every other pair goes through the value's text form, as a cast through text would.
      scratch.removeAll(keepingCapacity: true)
      appendText(of: cell, type: type)
      try Self.writeBinary(String(decoding: scratch, as: UTF8.self), type: type, into: &buffer)
    }
  }

  private static func writeBinary(
    _ text: String, type: WireType, into buffer: inout ByteBuffer
  ) throws(WireError) {
    guard let name = type.name else { throw noBinary(type) }
    guard let element = type.element, let elementName = element.name else {
      return try writeScalar(try TextConversion(typeName: name).value(of: text), type: type, into: &buffer)
    }
    guard case .array(let values) = try ArrayText.parse(text, elementType: elementName) else { return }
    var lengths = values.isEmpty ? [] : [values.count]
    var flat = values
    if case .array(let first) = values.first {
      lengths.append(first.count)
      flat = values.flatMap { value in
        if case .array(let inner) = value { inner } else { [value] }
      }
    }
    var failure: WireError?
    try writeArrayHead(
      element: element, lengths: lengths, hasNulls: flat.contains(.null), into: &buffer
    ) { buffer in
      for value in flat {
        do throws(WireError) {
          try writeScalar(value, type: element, into: &buffer)
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
  }

  private static func writeArrayHead(
    element: WireType, lengths: [Int], hasNulls: Bool, into buffer: inout ByteBuffer,
    elements: (inout ByteBuffer) -> Void
  ) throws(WireError) {
    let start = buffer.writerIndex
    buffer.writeInteger(Int32(0))
    let dimensions = lengths == [0] ? [] : lengths
    buffer.writeInteger(Int32(clamping: dimensions.count))
    buffer.writeInteger(Int32(hasNulls ? 1 : 0))
    buffer.writeInteger(element.rawValue)
    for length in dimensions {
      buffer.writeInteger(Int32(clamping: length))
      buffer.writeInteger(Int32(1))
    }
    elements(&buffer)
    guard let length = Int32(exactly: buffer.writerIndex - start - 4) else { throw tooLong }
    buffer.setInteger(length, at: start)
  }

  private static func writeScalar(
    _ value: WireValue, type: WireType, into buffer: inout ByteBuffer
  ) throws(WireError) {
    func write(_ integer: some FixedWidthInteger) {
      buffer.writeInteger(Int32(integer.bitWidth / 8))
      buffer.writeInteger(integer)
    }
    switch (type, value) {
    case (_, .null): buffer.writeInteger(Int32(-1))
    case (.boolean, .boolean(let value)): write(UInt8(value ? 1 : 0))
    case (.smallint, .number(let text)): write(Int16(text) ?? 0)
    case (.integer, .number(let text)): write(Int32(text) ?? 0)
    case (.bigint, .number(let text)): write(Int64(text) ?? 0)
    case (.real, .number(let text)): write((Float(text) ?? .nan).bitPattern)
    case (.doublePrecision, .number(let text)): write((Double(text) ?? .nan).bitPattern)
    case (.text, .text(let text)), (.characterVarying, .text(let text)), (.character, .text(let text)),
      (.name, .text(let text)), (.json, .text(let text)):
      try writeText(text, into: &buffer)
    case (.jsonb, .text(let text)):
      guard let length = Int32(exactly: text.utf8.count + 1) else { throw tooLong }
      buffer.writeInteger(length)
      buffer.writeInteger(UInt8(1))
      buffer.writeString(text)
    default: throw noBinary(type)
    }
  }

  private static func noBinary(_ type: WireType) -> WireError {
    WireError(
      .featureNotSupported,
      "no binary output for type \(type.name ?? String(type.rawValue)); ask for the text format")
  }
}
