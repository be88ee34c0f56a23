#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One value in memory: 48 bytes, of which 16 hold a small value itself and point to a large one otherwise.
struct MemoryEntry {
  enum Tag {
    static let free: UInt8 = 0
    static let null: UInt8 = 1
    static let integer: UInt8 = 2
    static let real: UInt8 = 3
    static let text: UInt8 = 4
    static let blob: UInt8 = 5
  }

  var key: CacheKey
  /// The value's bytes where there are at most 16 of them; otherwise `first` is the address of a block.
  var first: UInt64
  var second: UInt64
  var length: UInt32
  var tag: UInt8
  /// Asked for since the eviction's hand last came by.
  var isReferenced: Bool

  static let inlineBytes = 16
  private static let valueOffset = MemoryLayout<CacheKey>.size

  /// The bytes that a value takes outside the entry, with what the allocator adds to each block.
  static func blockBytes(_ length: Int) -> Int {
    length <= inlineBytes ? 0 : max(32, (length + 8 + 15) & ~15)
  }

  /// Writes a value into a free entry; false where no memory is left for its block.
  static func store(_ value: CachedValue, for key: CacheKey, at entry: UnsafeMutablePointer<MemoryEntry>)
    -> Bool
  {
    entry.pointee = MemoryEntry(key: key, first: 0, second: 0, length: 0, tag: Tag.null, isReferenced: false)
    switch value {
    case .null:
      return true
    case .integer(let integer):
      entry.pointee.tag = Tag.integer
      entry.pointee.first = UInt64(bitPattern: integer)
      return true
    case .real(let real):
      entry.pointee.tag = Tag.real
      entry.pointee.first = real.bitPattern
      return true
    case .text(var text):
      return text.withUTF8 { store(UnsafeRawBufferPointer($0), tag: Tag.text, at: entry) }
    case .blob(let blob):
      return blob.withUnsafeBytes { store($0, tag: Tag.blob, at: entry) }
    }
  }

  private static func store(
    _ bytes: UnsafeRawBufferPointer, tag: UInt8, at entry: UnsafeMutablePointer<MemoryEntry>
  ) -> Bool {
    guard let length = UInt32(exactly: bytes.count) else { return false }
    entry.pointee.tag = tag
    entry.pointee.length = length
    guard let source = bytes.baseAddress, bytes.count > 0 else { return true }
    if bytes.count <= inlineBytes {
      (UnsafeMutableRawPointer(entry) + valueOffset).copyMemory(from: source, byteCount: bytes.count)
      return true
    }
    guard let block = malloc(bytes.count) else {
      entry.pointee.tag = Tag.free
      return false
    }
    block.copyMemory(from: source, byteCount: bytes.count)
    entry.pointee.first = UInt64(UInt(bitPattern: block))
    return true
  }

  /// The value at `entry`; nil for a free entry.
  @inline(__always)
  static func value(at entry: UnsafeMutablePointer<MemoryEntry>) -> CachedValue? {
    switch entry.pointee.tag {
    case Tag.null: return .null
    case Tag.integer: return .integer(Int64(bitPattern: entry.pointee.first))
    case Tag.real: return .real(Double(bitPattern: entry.pointee.first))
    case Tag.text: return .text(String(decoding: bytes(at: entry), as: UTF8.self))
    case Tag.blob: return .blob([UInt8](bytes(at: entry)))
    default: return nil
    }
  }

  @inline(__always)
  private static func bytes(at entry: UnsafeMutablePointer<MemoryEntry>) -> UnsafeRawBufferPointer {
    let length = Int(entry.pointee.length)
    if length <= inlineBytes {
      return UnsafeRawBufferPointer(start: UnsafeRawPointer(entry) + valueOffset, count: length)
    }
    return UnsafeRawBufferPointer(
      start: UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: entry.pointee.first)), count: length)
  }

  /// Frees the value's block and marks the entry free; returns the block's bytes.
  static func release(_ entry: UnsafeMutablePointer<MemoryEntry>) -> Int {
    let length = Int(entry.pointee.length)
    let hasBlock =
      length > inlineBytes && (entry.pointee.tag == Tag.text || entry.pointee.tag == Tag.blob)
    if hasBlock { free(UnsafeMutableRawPointer(bitPattern: UInt(truncatingIfNeeded: entry.pointee.first))) }
    entry.pointee.tag = Tag.free
    entry.pointee.length = 0
    return hasBlock ? blockBytes(length) : 0
  }
}
