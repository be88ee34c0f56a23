import Diagnostics

/// Reads the header of a GGUF file from front to back, fetching more of the file as it goes.
///
/// Nothing is believed: every length is held against the bytes that the file still has before anything is
/// read or allocated for it, and the header as a whole against `maximumLength`, so that a file can make Sibyl
/// use no more memory than that.
struct GGUFReader {
  /// The largest vocabularies take 20 MB.
  static let maximumLength = 256 << 20

  let file: InputFile
  /// The file's first bytes, as far as they were needed.
  private(set) var bytes: [UInt8] = []
  private(set) var position = 0

  init(file: InputFile) { self.file = file }

  private var end: Int { min(file.size, Self.maximumLength) }

  /// Bytes that can still come.
  var rest: Int { end - position }

  /// Makes sure that the next `count` bytes are there.
  mutating func require(_ count: Int) throws(SibylError) {
    guard count >= 0, count <= rest else {
      throw SibylError(
        .corruptFile,
        end < file.size
          ? "its header takes more than \(Self.maximumLength) bytes"
          : "it is cut off, or a length in it is wrong: \(count) bytes are claimed at byte \(position), where "
            + "only \(rest) follow")
    }
    guard position + count > bytes.count else { return }
    // Doubling keeps the copies of what is there already below the size of the whole.
    let wanted = min(end, max(position + count, max(1 << 20, bytes.count * 2)))
    bytes += try file.bytes(at: bytes.count, count: wanted - bytes.count)
  }

  mutating func skip(_ count: Int) throws(SibylError) {
    try require(count)
    position += count
  }

  mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(SibylError) -> Integer {
    let size = MemoryLayout<Integer>.size
    try require(size)
    defer { position += size }
    return bytes.littleEndian(at: position)
  }

  /// A length or a number of things, each of which takes at least `size` bytes.
  mutating func count(ofSize size: Int) throws(SibylError) -> Int {
    let start = position
    let value = try integer(UInt64.self)
    guard let count = Int(exactly: value), count <= rest / size else {
      throw SibylError(
        .corruptFile,
        "it is cut off, or a number in it is wrong: \(value) items are claimed at byte \(start), where only "
          + "\(rest) bytes follow")
    }
    return count
  }

  /// A name: UTF-8 of at most `limit` bytes.
  mutating func name(limit: Int) throws(SibylError) -> String {
    let start = position
    let length = try count(ofSize: 1)
    guard length > 0, length <= limit else {
      throw SibylError(
        .corruptFile,
        "the name at byte \(start) has \(length) bytes, where 1 to \(limit) are expected")
    }
    try require(length)
    defer { position += length }
    guard let name = String(validating: bytes[position..<(position + length)], as: UTF8.self) else {
      throw SibylError(.corruptFile, "the name at byte \(start) is not UTF-8")
    }
    return name
  }
}

extension [UInt8] {
  /// A little-endian integer, whose bytes the caller has checked to be there.
  func littleEndian<Integer: FixedWidthInteger>(at offset: Int) -> Integer {
    withUnsafeBytes { Integer(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Integer.self)) }
  }
}
