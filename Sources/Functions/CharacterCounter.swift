/// Turns byte offsets of UTF-8 text into character positions, for offsets that mostly ascend.
struct CharacterCounter {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var offset = 0
  private var characters = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// How many characters (Unicode scalars) begin before the byte.
  mutating func count(upTo end: Int) -> Int {
    if end >= offset {
      characters += Self.count(bytes[offset..<end])
    } else {
      // An overlapping chunk begins before the one before ended, but not far.
      characters -= Self.count(bytes[end..<offset])
    }
    offset = end
    return characters
  }

  /// How many characters begin in the bytes.
  static func count(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    UnsafeBufferPointer(rebasing: bytes).reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }
}
