/// How one result lies in the file: `check (16 bytes) | checksum (4) | type (1) | value`, little-endian.
///
/// The check is the part of the key that the row number does not hold; a different one is another key's entry.
/// The checksum covers key, type and value, so that a damaged file yields misses, never wrong results: SQLite
/// notices damage to its own structures only.
enum EntryCoding {
  static let headerBytes = 21

  private enum Tag {
    static let null: UInt8 = 0
    static let integer: UInt8 = 1
    static let real: UInt8 = 2
    static let text: UInt8 = 3
    static let blob: UInt8 = 4
  }

  enum Decoded {
    case value(CachedValue)
    /// The row belongs to another key with the same first 64 bits.
    case otherKey
    case damaged
  }

  static func decode(_ bytes: UnsafeRawBufferPointer, for key: CacheKey) -> Decoded {
    guard bytes.count >= headerBytes else { return .damaged }
    guard word(bytes, 0) == key.checkHigh, word(bytes, 8) == key.checkLow else { return .otherKey }
    let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    let body = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
    let tag = bytes[20]
    guard stored == checksum(key, tag, body) else { return .damaged }
    switch tag {
    case Tag.null where body.isEmpty: return .value(.null)
    case Tag.integer where body.count == 8: return .value(.integer(Int64(bitPattern: word(body, 0))))
    case Tag.real where body.count == 8: return .value(.real(Double(bitPattern: word(body, 0))))
    case Tag.text:
      // Most results are plain ASCII, which needs no validation; the validating initialiser is a slow one.
      if body.allSatisfy({ $0 < 0x80 }) { return .value(.text(String(decoding: body, as: UTF8.self))) }
      guard let text = String(validating: body, as: UTF8.self) else { return .damaged }
      return .value(.text(text))
    case Tag.blob: return .value(.blob([UInt8](body)))
    default: return .damaged
    }
  }

  /// The key that an entry says it belongs to; nil where it is too short to be one.
  static func key(of bytes: UnsafeRawBufferPointer, row: Int64) -> CacheKey? {
    guard bytes.count >= headerBytes else { return nil }
    return CacheKey(row: UInt64(bitPattern: row), checkHigh: word(bytes, 0), checkLow: word(bytes, 8))
  }

  /// Replaces the contents of `buffer` by the entry.
  static func encode(_ value: CachedValue, for key: CacheKey, into buffer: inout [UInt8]) {
    buffer.removeAll(keepingCapacity: true)
    append(key.checkHigh, to: &buffer)
    append(key.checkLow, to: &buffer)
    buffer.append(contentsOf: repeatElement(0, count: 4))
    switch value {
    case .null: buffer.append(Tag.null)
    case .integer(let integer):
      buffer.append(Tag.integer)
      append(UInt64(bitPattern: integer), to: &buffer)
    case .real(let real):
      buffer.append(Tag.real)
      append(real.bitPattern, to: &buffer)
    case .text(let text):
      buffer.append(Tag.text)
      buffer.append(contentsOf: text.utf8)
    case .blob(let blob):
      buffer.append(Tag.blob)
      buffer.append(contentsOf: blob)
    }
    buffer.withUnsafeMutableBytes { bytes in
      let body = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
      let sum = checksum(key, bytes[20], body)
      bytes.storeBytes(of: sum.littleEndian, toByteOffset: 16, as: UInt32.self)
    }
  }

  private static func append(_ word: UInt64, to buffer: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { buffer.append(contentsOf: $0) }
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// 32 bits of a multiply-and-fold hash (the step of wyhash, https://github.com/wangyi-fudan/wyhash) over
  /// eight bytes at a time: against accidents, not against forgers, who could write any value anyway.
  private static func checksum(_ key: CacheKey, _ tag: UInt8, _ body: UnsafeRawBufferPointer) -> UInt32 {
    var state = fold(key.row ^ 0xa076_1d64_78bd_642f, key.checkHigh ^ 0xe703_7ed1_a0b4_28db)
    state = fold(state ^ key.checkLow, UInt64(body.count) << 8 ^ UInt64(tag) ^ 0x8ebc_6af0_9c88_c6e3)
    var offset = 0
    while offset + 8 <= body.count {
      state = fold(state ^ word(body, offset), 0x5899_65cc_7537_4cc3)
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < body.count {
      rest = rest << 8 | UInt64(body[offset])
      offset += 1
    }
    state = fold(state ^ rest, 0x1d8e_4e27_c47d_124f)
    return UInt32(truncatingIfNeeded: state ^ state >> 32)
  }

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low ^ left
  }
}
