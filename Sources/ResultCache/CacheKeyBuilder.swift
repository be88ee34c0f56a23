import Crypto

/// Builds the keys of many calls of one function, one after the other, in one buffer.
///
/// ```swift
/// let prefix = CacheKeyPrefix(function: "ai_embed", revision: 1, model: digest, engine: "1 int8")
/// var builder = CacheKeyBuilder(prefix: prefix)
/// builder.append(text: body)
/// let key = builder.finish()  // and the builder is ready for the next call
/// ```
///
/// The encoding can't be read in two ways: each argument is a type tag, then its bytes, and those of texts and
/// blobs are preceded by their length. So `("ab", "c")`, `("a", "bc")` and `("abc")` have different keys, and
/// so have `1`, `1.0` and `"1"`.
///
/// Owned by one thread at a time; the buffer grows to the longest call and is freed with the builder.
public struct CacheKeyBuilder: ~Copyable {
  private var bytes: UnsafeMutableRawPointer
  private var capacity: Int
  private var count: Int
  private static let prefixCount = 32

  private enum Tag {
    static let null: UInt8 = 0
    static let integer: UInt8 = 1
    static let real: UInt8 = 2
    static let text: UInt8 = 3
    static let blob: UInt8 = 4
  }

  public init(prefix: CacheKeyPrefix) {
    let start = UnsafeMutableRawPointer.allocate(byteCount: 512, alignment: 16)
    for (index, byte) in prefix.digest.enumerated() {
      start.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
    bytes = start
    capacity = 512
    count = Self.prefixCount
  }

  deinit { bytes.deallocate() }

  public mutating func appendNull() {
    reserve(1)
    put(Tag.null)
  }

  public mutating func append(_ value: Int64) {
    append(tag: Tag.integer, word: UInt64(bitPattern: value))
  }

  /// All NaNs are one value; `0.0` and `-0.0` are two.
  public mutating func append(_ value: Double) {
    append(tag: Tag.real, word: (value.isNaN ? Double.nan : value).bitPattern)
  }

  public mutating func append(text: String) {
    var text = text
    text.withUTF8 { append(tag: Tag.text, contents: UnsafeRawBufferPointer($0)) }
  }

  /// UTF-8 bytes as the caller holds them: the key is that of the same text as a `String`.
  public mutating func append(text utf8: UnsafeRawBufferPointer) {
    append(tag: Tag.text, contents: utf8)
  }

  public mutating func append(blob: UnsafeRawBufferPointer) {
    append(tag: Tag.blob, contents: blob)
  }

  public mutating func append(blob: [UInt8]) {
    blob.withUnsafeBytes { append(tag: Tag.blob, contents: $0) }
  }

  /// An argument that is itself a cached value, whatever its type.
  public mutating func append(_ value: CachedValue) {
    switch value {
    case .null: appendNull()
    case .integer(let integer): append(integer)
    case .real(let real): append(real)
    case .text(let text): append(text: text)
    case .blob(let blob): append(blob: blob)
    }
  }

  /// The key of the arguments appended since the last `finish`; forgets them, keeps the prefix.
  public mutating func finish() -> CacheKey {
    var hash = SHA256()
    hash.update(bufferPointer: UnsafeRawBufferPointer(start: bytes, count: count))
    count = Self.prefixCount
    return hash.finalize().withUnsafeBytes { CacheKey(digest: $0) }
  }

  private mutating func append(tag: UInt8, word: UInt64) {
    reserve(9)
    put(tag)
    put(word: word)
  }

  private mutating func append(tag: UInt8, contents: UnsafeRawBufferPointer) {
    reserve(9 + contents.count)
    put(tag)
    put(word: UInt64(contents.count))
    if let start = contents.baseAddress, contents.count > 0 {
      (bytes + count).copyMemory(from: start, byteCount: contents.count)
      count += contents.count
    }
  }

  private mutating func put(_ byte: UInt8) {
    bytes.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  private mutating func put(word: UInt64) {
    bytes.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
    count += 8
  }

  // Contents lie in memory already, so their lengths and ours stay far below Int.max.
  private mutating func reserve(_ more: Int) {
    let needed = count + more
    guard needed > capacity else { return }
    let larger = max(needed, capacity * 2)
    let copy = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    copy.copyMemory(from: bytes, byteCount: count)
    bytes.deallocate()
    bytes = copy
    capacity = larger
  }
}
