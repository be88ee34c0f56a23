extension GGUFHeader {
  /// The metadata value of a key.
  func value(of key: String) -> GGUFValue? {
    guard let entry = entries[key] else { return nil }
    var position = entry.position
    return value(entry.type, at: &position)
  }

  /// Decodes a value, whose bytes were checked when the header was read.
  private func value(_ type: GGUFValueType, at position: inout Int) -> GGUFValue {
    func next<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer {
      defer { position += MemoryLayout<Integer>.size }
      return bytes.littleEndian(at: position)
    }
    switch type {
    case .uint8: return .unsigned(UInt64(next(UInt8.self)))
    case .uint16: return .unsigned(UInt64(next(UInt16.self)))
    case .uint32: return .unsigned(UInt64(next(UInt32.self)))
    case .uint64: return .unsigned(next(UInt64.self))
    case .int8: return .signed(Int64(next(Int8.self)))
    case .int16: return .signed(Int64(next(Int16.self)))
    case .int32: return .signed(Int64(next(Int32.self)))
    case .int64: return .signed(next(Int64.self))
    case .float32: return .float(Double(Float(bitPattern: next(UInt32.self))))
    case .float64: return .float(Double(bitPattern: next(UInt64.self)))
    case .boolean: return .boolean(next(UInt8.self) != 0)
    case .text:
      let length = Int(next(UInt64.self))
      defer { position += length }
      return .text(String(decoding: bytes[position..<(position + length)], as: UTF8.self))
    case .array:
      let (elementType, count) = arrayHead(at: &position)
      if elementType == .text { return .texts(texts(count, at: &position)) }
      return .array((0..<count).map { _ in value(elementType, at: &position) })
    }
  }

  /// The whole numbers of an array without the detour over `GGUFValue`; nil where the value is something else.
  func integers(of key: String) -> [Int]? {
    guard let entry = entries[key], entry.type == .array else { return nil }
    var position = entry.position
    let (elementType, count) = arrayHead(at: &position)
    func all<Integer: FixedWidthInteger>(_ type: Integer.Type) -> [Int]? {
      var integers: [Int] = []
      integers.reserveCapacity(count)
      for index in 0..<count {
        let value: Integer = bytes.littleEndian(at: position + index * MemoryLayout<Integer>.size)
        guard let integer = Int(exactly: value) else { return nil }
        integers.append(integer)
      }
      return integers
    }
    switch elementType {
    case .uint8: return all(UInt8.self)
    case .uint16: return all(UInt16.self)
    case .uint32: return all(UInt32.self)
    case .uint64: return all(UInt64.self)
    case .int8: return all(Int8.self)
    case .int16: return all(Int16.self)
    case .int32: return all(Int32.self)
    case .int64: return all(Int64.self)
    case .float32, .float64, .boolean, .text, .array: return nil
    }
  }

  /// The single-precision numbers of an array; nil where the value is something else.
  func floats(of key: String) -> [Float]? {
    guard let entry = entries[key], entry.type == .array else { return nil }
    var position = entry.position
    let (elementType, count) = arrayHead(at: &position)
    guard elementType == .float32 else { return nil }
    return (0..<count).map { Float(bitPattern: bytes.littleEndian(at: position + $0 * 4)) }
  }

  /// The texts of an array; nil where the value is something else.
  func texts(of key: String) -> GGUFTexts? {
    guard let entry = entries[key], entry.type == .array else { return nil }
    var position = entry.position
    let (elementType, count) = arrayHead(at: &position)
    return elementType == .text ? texts(count, at: &position) : nil
  }

  private func arrayHead(at position: inout Int) -> (elementType: GGUFValueType, count: Int) {
    let number: UInt32 = bytes.littleEndian(at: position)
    let count: UInt64 = bytes.littleEndian(at: position + 4)
    position += 12
    return (GGUFValueType(rawValue: number) ?? .uint8, Int(count))
  }

  private func texts(_ count: Int, at position: inout Int) -> GGUFTexts {
    var starts: [UInt32] = []
    var lengths: [UInt32] = []
    starts.reserveCapacity(count)
    lengths.reserveCapacity(count)
    // `GGUFReader.maximumLength` keeps positions within 32 bits.
    for _ in 0..<count {
      let length: UInt64 = bytes.littleEndian(at: position)
      starts.append(UInt32(truncatingIfNeeded: position + 8))
      lengths.append(UInt32(truncatingIfNeeded: length))
      position += 8 + Int(length)
    }
    return GGUFTexts(bytes: bytes, starts: starts, lengths: lengths)
  }
}
