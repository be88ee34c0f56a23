import NIOCore

/// A message from the client, after start-up (PostgreSQL documentation, "Message Formats").
package enum FrontendMessage: Hashable, Sendable {
  /// What a Describe or Close message names.
  package enum Target: UInt8, Hashable, Sendable {
    case statement = 0x53  // S
    case portal = 0x50  // P
  }

  package struct Parse: Hashable, Sendable {
    package var name: String
    /// The query string's bytes, not yet known to be UTF-8.
    package var query: ByteBuffer
    package var types: [WireType]

    package init(name: String, query: ByteBuffer, types: [WireType]) {
      self.name = name
      self.query = query
      self.types = types
    }
  }

  package struct Bind: Hashable, Sendable {
    package var portal: String
    package var statement: String
    package var formats: FormatCodes
    package var values: [ByteBuffer?]
    package var resultFormats: FormatCodes

    package init(
      portal: String, statement: String, formats: FormatCodes, values: [ByteBuffer?],
      resultFormats: FormatCodes
    ) {
      self.portal = portal
      self.statement = statement
      self.formats = formats
      self.values = values
      self.resultFormats = resultFormats
    }
  }

  case query(ByteBuffer)
  case parse(Parse)
  case bind(Bind)
  case describe(Target, String)
  /// Zero rows at most means no limit.
  case execute(portal: String, maximumRows: Int32)
  case close(Target, String)
  case sync
  case flush
  case terminate
  case functionCall
  /// CopyData, CopyDone and CopyFail: without meaning outside of a COPY, and ignored there.
  case copy
  /// The 'p' messages of authentication; out of place afterwards.
  case authentication(ByteBuffer)

  /// Whether a byte is a message type that this server knows.
  static func isKnown(_ type: UInt8) -> Bool {
    limit(type, maximum: 1) != nil
  }

  /// How long a message of a type may be, its length field included; nil for an unknown type.
  ///
  /// - Parameter maximum: what the configuration allows for messages that carry values.
  package static func limit(_ type: UInt8, maximum: Int) -> Int? {
    switch type {
    case UInt8(ascii: "Q"), UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "F"), UInt8(ascii: "d"):
      maximum
    case UInt8(ascii: "D"), UInt8(ascii: "E"), UInt8(ascii: "C"), UInt8(ascii: "S"), UInt8(ascii: "H"),
      UInt8(ascii: "X"), UInt8(ascii: "c"), UInt8(ascii: "f"), UInt8(ascii: "p"):
      10_000
    default: nil
    }
  }

  /// Reads a message's body.
  ///
  /// - Throws: 08P01 where it is not of its type's form; the stream is still in step.
  package init(type: UInt8, body: ByteBuffer) throws(WireError) {
    var reader = MessageReader(body)
    switch type {
    case UInt8(ascii: "Q"): self = .query(try reader.readStringBytes())
    case UInt8(ascii: "P"): self = .parse(try Self.parse(&reader))
    case UInt8(ascii: "B"): self = .bind(try Self.bind(&reader))
    case UInt8(ascii: "D"): self = .describe(try Self.target(&reader), try reader.readString())
    case UInt8(ascii: "E"):
      self = .execute(
        portal: try reader.readString(), maximumRows: try reader.readInteger())
    case UInt8(ascii: "C"): self = .close(try Self.target(&reader), try reader.readString())
    case UInt8(ascii: "S"): self = .sync
    case UInt8(ascii: "H"): self = .flush
    case UInt8(ascii: "X"): self = .terminate
    case UInt8(ascii: "F"):
      self = .functionCall
      return
    case UInt8(ascii: "d"), UInt8(ascii: "c"), UInt8(ascii: "f"):
      self = .copy
      return
    case UInt8(ascii: "p"):
      self = .authentication(body)
      return
    default: throw WireError(.protocolViolation, "invalid frontend message type \(type)", severity: .fatal)
    }
    try reader.finish()
  }

  private static func target(_ reader: inout MessageReader) throws(WireError) -> Target {
    guard let target = Target(rawValue: try reader.readInteger()) else {
      throw WireError(
        .protocolViolation, "invalid message format: expected S for a statement or P for a portal")
    }
    return target
  }

  private static func parse(_ reader: inout MessageReader) throws(WireError) -> Parse {
    let name = try reader.readString()
    let query = try reader.readStringBytes()
    let count = try reader.readCount(elementBytes: 4)
    var types: [WireType] = []
    types.reserveCapacity(count)
    for _ in 0..<count { types.append(WireType(rawValue: try reader.readInteger())) }
    return Parse(name: name, query: query, types: types)
  }

  private static func bind(_ reader: inout MessageReader) throws(WireError) -> Bind {
    let portal = try reader.readString()
    let statement = try reader.readString()
    let formats = try formatCodes(&reader)
    let count = try reader.readCount(elementBytes: 4)
    var values: [ByteBuffer?] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      let length: Int32 = try reader.readInteger()
      values.append(length == -1 ? nil : try reader.readBytes(Int(length)))
    }
    return Bind(
      portal: portal, statement: statement, formats: formats, values: values,
      resultFormats: try formatCodes(&reader))
  }

  private static func formatCodes(_ reader: inout MessageReader) throws(WireError) -> FormatCodes {
    let count = try reader.readCount(elementBytes: 2)
    if count == 0 { return .all(.text) }
    if count == 1 { return .all(try formatCode(&reader)) }
    var codes: [FormatCode] = []
    codes.reserveCapacity(count)
    for _ in 0..<count { codes.append(try formatCode(&reader)) }
    return .each(codes)
  }

  private static func formatCode(_ reader: inout MessageReader) throws(WireError) -> FormatCode {
    let number: Int16 = try reader.readInteger()
    guard let code = FormatCode(rawValue: number) else {
      throw WireError(.invalidParameterValue, "unsupported format code: \(number)")
    }
    return code
  }
}
