import NIOCore

/// Turns a bound parameter's bytes into a value (the receive functions of PostgreSQL's types).
package enum ParameterDecoder {
  /// - Parameters:
  ///   - type: the parameter's type; unspecified and unknown ones are text.
  ///   - typeName: the name that the argument gets and is converted to: the cast behind the parameter, or the
  ///     type's own name; nil leaves it untyped.
  /// - Throws: 22P02, 22P03, 22021, 22003, or 0A000 for a type without binary input here.
  package static func decode(
    _ bytes: ByteBuffer?, format: FormatCode, type: WireType, typeName: String?, maximumElements: Int
  ) throws(WireError) -> WireArgument {
    guard let bytes else { return WireArgument(.null, typeName: typeName) }
    var argument: WireArgument
    switch format {
    case .text:
      argument = WireArgument(.text(try bytes.validatedString()))
      if let own = type.name, !isText(type) {
        argument = try ArgumentCast.convert(argument, to: own, maximumElements: maximumElements)
      }
    case .binary:
      var reader = MessageReader(bytes)
      let value = try binary(&reader, type: type, maximumElements: maximumElements)
      guard reader.remaining == 0 else { throw malformed(type) }
      argument = WireArgument(value, typeName: isText(type) ? nil : type.name)
    }
    guard let typeName else { return WireArgument(argument.value) }
    return try ArgumentCast.convert(argument, to: typeName, maximumElements: maximumElements)
  }

  private static func isText(_ type: WireType) -> Bool {
    switch type {
    case .unspecified, .unknown, .text, .characterVarying, .character, .name: true
    default: false
    }
  }

  private static func binary(
    _ reader: inout MessageReader, type: WireType, maximumElements: Int
  ) throws(WireError) -> WireValue {
    if type.element != nil {
      return try array(&reader, type: type, maximumElements: maximumElements)
    }
    switch type {
    case .unspecified, .unknown, .text, .characterVarying, .character, .name, .json:
      return .text(try reader.readBytes(reader.remaining).validatedString())
    case .jsonb:
      guard try reader.readInteger(as: UInt8.self) == 1 else {
        throw WireError(.invalidBinaryRepresentation, "unsupported jsonb version number: expected 1")
      }
      return .text(try reader.readBytes(reader.remaining).validatedString())
    case .boolean: return .boolean(try reader.readInteger(as: UInt8.self) != 0)
    case .smallint: return .number(String(try reader.readInteger(as: Int16.self)))
    case .integer: return .number(String(try reader.readInteger(as: Int32.self)))
    case .bigint: return .number(String(try reader.readInteger(as: Int64.self)))
    case .real: return .number(NumberText.text(Float(bitPattern: try reader.readInteger())))
    case .doublePrecision: return .number(NumberText.text(Double(bitPattern: try reader.readInteger())))
    default:
      throw WireError(
        .featureNotSupported,
        "no binary input for type \(type.name ?? String(type.rawValue)); send the parameter as text")
    }
  }

  /// The binary form of arrays (`array_recv`): dimensions, flags, element type, each dimension's length and
  /// first index, then the elements with their lengths.
  private static func array(
    _ reader: inout MessageReader, type: WireType, maximumElements: Int
  ) throws(WireError) -> WireValue {
    let dimensions: Int32 = try reader.readInteger()
    let flags: Int32 = try reader.readInteger()
    let element = WireType(rawValue: try reader.readInteger())
    guard (0...2).contains(dimensions) else {
      throw WireError(.programLimitExceeded, "an array may have at most two dimensions")
    }
    guard flags == 0 || flags == 1, element == type.element else { throw malformed(type) }
    var lengths: [Int] = []
    for _ in 0..<dimensions {
      lengths.append(Int(try reader.readInteger(as: Int32.self)))
      _ = try reader.readInteger(as: Int32.self)
    }
    guard lengths.allSatisfy({ $0 >= 0 }) else { throw malformed(type) }
    let total = lengths.reduce(1) { $0 * $1 }  // at most two lengths of 31 bits
    guard total <= maximumElements, lengths.allSatisfy({ $0 <= maximumElements }) else {
      throw WireError(.programLimitExceeded, "an array may have at most \(maximumElements) elements")
    }
    // Each element takes four bytes at least: what is claimed but not there is not reserved either.
    guard lengths.isEmpty || total * 4 <= reader.remaining else { throw malformed(type) }
    guard let outer = lengths.first, total > 0 else { return .array([]) }
    if lengths.count == 1 { return .array(try elements(outer, &reader, type: element)) }
    var rows: [WireValue] = []
    rows.reserveCapacity(outer)
    for _ in 0..<outer { rows.append(.array(try elements(lengths[1], &reader, type: element))) }
    return .array(rows)
  }

  private static func elements(
    _ count: Int, _ reader: inout MessageReader, type: WireType
  ) throws(WireError) -> [WireValue] {
    var values: [WireValue] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      let length: Int32 = try reader.readInteger()
      if length == -1 {
        values.append(.null)
        continue
      }
      var element = MessageReader(try reader.readBytes(Int(length)))
      values.append(try binary(&element, type: type, maximumElements: 0))
      guard element.remaining == 0 else { throw malformed(type) }
    }
    return values
  }

  private static func malformed(_ type: WireType) -> WireError {
    WireError(
      .invalidBinaryRepresentation,
      "incorrect binary data format in a parameter of type \(type.name ?? String(type.rawValue))")
  }
}
