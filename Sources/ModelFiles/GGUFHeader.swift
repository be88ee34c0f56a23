import Diagnostics

/// The header of a GGUF file, read and checked in full before any tensor is touched.
///
/// Format (ggml, docs/gguf.md): `GGUF`, version, number of tensors, number of metadata pairs; for each pair a
/// key, a type and a value; for each tensor its name, its dimensions innermost first, its type and its place
/// in the data; then, at a multiple of the alignment, the data. All numbers are little-endian.
///
/// Metadata values stay in the bytes that were read and are decoded when they are asked for.
struct GGUFHeader {
  /// Where a metadata value lies in the header's bytes.
  struct Entry {
    let type: GGUFValueType
    let position: Int
  }

  let version: Int
  let bytes: [UInt8]
  let entries: [String: Entry]
  let tensors: [String: GGUFTensor]
  let alignment: Int

  private static let maximumKeyLength = 65_535
  private static let maximumDimensions = 4
  /// Published models have dozens of pairs and thousands of tensors.
  private static let maximumPairCount = 1 << 16
  private static let maximumTensorCount = 1 << 18
  /// No known metadata nests at all.
  static let maximumDepth = 4

  init(of file: InputFile) throws(SibylError) {
    var reader = GGUFReader(file: file)
    do throws(SibylError) {
      try reader.require(4)
      guard reader.bytes.starts(with: "GGUF".utf8) else {
        throw SibylError(.corruptFile, "it does not begin with \"GGUF\"")
      }
      try reader.skip(4)
      version = try Self.version(&reader)
      let tensorCount = try reader.count(ofSize: 24)
      let pairCount = try reader.count(ofSize: 13)
      guard tensorCount <= Self.maximumTensorCount, pairCount <= Self.maximumPairCount else {
        throw SibylError(
          .corruptFile, "it claims \(tensorCount) tensors and \(pairCount) metadata pairs, which is too many")
      }

      var entries: [String: Entry] = [:]
      for _ in 0..<pairCount {
        let key = try reader.name(limit: Self.maximumKeyLength)
        let type = try Self.valueType(&reader, key)
        let entry = Entry(type: type, position: reader.position)
        guard entries.updateValue(entry, forKey: key) == nil else {
          throw SibylError(.corruptFile, "the metadata \(quoted(key)) comes twice")
        }
        try Self.skipValue(&reader, type, key, depth: 0)
      }
      self.entries = entries
      alignment = try Self.alignment(entries["general.alignment"], reader.bytes)

      var tensors: [(tensor: Unplaced, offset: Int)] = []
      for _ in 0..<tensorCount { tensors.append(try Self.tensor(&reader, alignment: alignment)) }
      self.tensors = try Self.place(
        tensors, headerEnd: reader.position, alignment: alignment, fileSize: file.size)
    } catch {
      guard error.kind == .corruptFile else { throw error }
      throw SibylError(.corruptFile, "\(file.path) is not a sound GGUF file: \(error.message)")
    }
    bytes = reader.bytes
  }

  private static func version(_ reader: inout GGUFReader) throws(SibylError) -> Int {
    let version = try reader.integer(UInt32.self)
    guard version == 2 || version == 3 else {
      if version.byteSwapped == 2 || version.byteSwapped == 3 {
        throw SibylError(.corruptFile, "its numbers are big-endian; only little-endian files are supported")
      }
      throw SibylError(.corruptFile, "it is of version \(version), where 2 and 3 are supported")
    }
    return Int(version)
  }

  // MARK: Metadata

  private static func valueType(
    _ reader: inout GGUFReader, _ key: String
  ) throws(SibylError) -> GGUFValueType {
    let number = try reader.integer(UInt32.self)
    guard let type = GGUFValueType(rawValue: number) else {
      throw SibylError(.corruptFile, "the metadata \(quoted(key)) has an unknown type, \(number)")
    }
    return type
  }

  /// Checks a value and passes it.
  private static func skipValue(
    _ reader: inout GGUFReader, _ type: GGUFValueType, _ key: String, depth: Int
  ) throws(SibylError) {
    switch type {
    case .text:
      let length = try reader.count(ofSize: 1)
      try reader.skip(length)
    case .boolean:
      let value = try reader.integer(UInt8.self)
      guard value <= 1 else {
        throw SibylError(
          .corruptFile, "the metadata \(quoted(key)) holds \(value), where 0 or 1 says false or true")
      }
    case .array:
      guard depth < maximumDepth else {
        throw SibylError(
          .corruptFile, "the metadata \(quoted(key)) nests lists deeper than \(maximumDepth) levels")
      }
      let elementType = try valueType(&reader, key)
      let count = try reader.count(ofSize: elementType.minimumSize)
      if let size = elementType.size, elementType != .boolean {
        try reader.skip(count * size)
      } else {
        for _ in 0..<count { try skipValue(&reader, elementType, key, depth: depth + 1) }
      }
    default:
      try reader.skip(type.size ?? 0)
    }
  }

  private static func alignment(_ entry: Entry?, _ bytes: [UInt8]) throws(SibylError) -> Int {
    guard let entry else { return 32 }
    guard entry.type == .uint32 else {
      throw SibylError(.corruptFile, "its general.alignment is no 32-bit unsigned integer")
    }
    let value: UInt32 = bytes.littleEndian(at: entry.position)
    // One page of any system is as much as reading could gain from.
    guard value > 0, value & (value - 1) == 0, value <= 1 << 20 else {
      throw SibylError(
        .corruptFile, "its general.alignment is \(value), where a power of 2 up to 1048576 belongs")
    }
    return Int(value)
  }

  // MARK: Tensors

  /// A tensor without its place, which depends on where the header ends.
  private struct Unplaced {
    let name: String
    let type: GGUFTensorType
    let shape: [Int]
    let count: Int
    let byteCount: Int
  }

  private static func tensor(
    _ reader: inout GGUFReader, alignment: Int
  ) throws(SibylError) -> (tensor: Unplaced, offset: Int) {
    let name = try reader.name(limit: maximumKeyLength)
    func wrong(_ sentence: String) -> SibylError {
      SibylError(.corruptFile, "the tensor \(quoted(name)) \(sentence)")
    }
    let dimensions = try reader.integer(UInt32.self)
    guard dimensions <= maximumDimensions else {
      throw wrong("has \(dimensions) dimensions, where at most \(maximumDimensions) are expected")
    }
    var shape: [Int] = []
    var count = 1
    for _ in 0..<dimensions {
      let value = try reader.integer(UInt64.self)
      guard let extent = Int(exactly: value) else { throw wrong("has a dimension of \(value)") }
      let (product, overflowed) = count.multipliedReportingOverflow(by: extent)
      guard !overflowed else { throw wrong("has a shape whose size overflows") }
      count = product
      shape.append(extent)
    }
    let number = try reader.integer(UInt32.self)
    guard let type = GGUFTensorType(rawValue: number) else {
      throw wrong("has the type \(number), which this version of Sibyl does not know")
    }
    // A scalar is a row of one element.
    guard (shape.first ?? 1) % type.blockSize == 0 else {
      throw wrong(
        "has rows of \(shape.first ?? 1) elements, where \(type.name) needs a multiple of \(type.blockSize)")
    }
    let (byteCount, overflowed) =
      (count / type.blockSize).multipliedReportingOverflow(by: type.blockByteCount)
    guard !overflowed else { throw wrong("has a shape whose size overflows") }
    let offset = try reader.integer(UInt64.self)
    guard let offset = Int(exactly: offset), offset % alignment == 0 else {
      throw wrong("lies at byte \(offset) of the data, which is no multiple of \(alignment)")
    }
    let tensor = Unplaced(
      name: name, type: type, shape: shape.reversed(), count: count, byteCount: byteCount)
    return (tensor, offset)
  }

  /// Checks that the tensors lie inside the file, none over another, and gives them their places.
  private static func place(
    _ tensors: [(tensor: Unplaced, offset: Int)], headerEnd: Int, alignment: Int, fileSize: Int
  ) throws(SibylError) -> [String: GGUFTensor] {
    // The header ends below `GGUFReader.maximumLength`, so that this cannot overflow.
    let dataStart = (headerEnd + alignment - 1) / alignment * alignment
    let available = max(0, fileSize - dataStart)
    var placed: [String: GGUFTensor] = [:]
    var end = 0
    for (tensor, offset) in tensors.sorted(by: { $0.offset < $1.offset }) {
      func wrong(_ sentence: String) -> SibylError {
        SibylError(.corruptFile, "the tensor \(quoted(tensor.name)) \(sentence)")
      }
      guard tensor.byteCount <= available, offset <= available - tensor.byteCount else {
        throw wrong(
          "needs \(tensor.byteCount) bytes from byte \(offset) of the data on, but only \(available) are "
            + "there; the file is cut off")
      }
      if tensor.byteCount > 0 {
        guard offset >= end else { throw wrong("overlaps the one before it") }
        end = offset + tensor.byteCount
      }
      let start = dataStart + offset
      let description = GGUFTensor(
        name: tensor.name, type: tensor.type, shape: tensor.shape, count: tensor.count,
        range: start..<(start + tensor.byteCount))
      guard placed.updateValue(description, forKey: tensor.name) == nil else {
        throw wrong("comes twice")
      }
    }
    return placed
  }
}
