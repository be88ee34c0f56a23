/// Reading Unicode scalars from bytes that need not be valid UTF-8.
enum UTF8Decoding {
  /// What stands at a position of the bytes.
  struct Step {
    /// The scalar, or U+FFFD where the bytes are no UTF-8.
    var scalar: UInt32
    /// The bytes that it takes; 1 for an ill-formed byte.
    var length: Int
    var isWellFormed: Bool
  }

  /// Decodes the scalar at `index`, which must lie inside the bytes. Ill-formed bytes (stray continuations,
  /// overlong forms, surrogates, values beyond U+10FFFF, sequences cut off) are read one byte at a time as
  /// U+FFFD (Unicode Standard, table 3-7).
  @inline(__always)
  static func step(_ bytes: UnsafePointer<UInt8>, at index: Int, end: Int) -> Step {
    let first = bytes[index]
    if first < 0x80 { return Step(scalar: UInt32(first), length: 1, isWellFormed: true) }
    let illFormed = Step(scalar: 0xFFFD, length: 1, isWellFormed: false)
    let available = end &- index
    guard available >= 2, first >= 0xC2, first <= 0xF4 else { return illFormed }
    let second = bytes[index &+ 1]
    guard second & 0xC0 == 0x80 else { return illFormed }
    if first < 0xE0 {
      let scalar = UInt32(first & 0x1F) << 6 | UInt32(second & 0x3F)
      return Step(scalar: scalar, length: 2, isWellFormed: true)
    }
    guard available >= 3 else { return illFormed }
    let third = bytes[index &+ 2]
    guard third & 0xC0 == 0x80 else { return illFormed }
    if first < 0xF0 {
      let scalar = UInt32(first & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F)
      guard scalar >= 0x800, scalar & 0xF800 != 0xD800 else { return illFormed }
      return Step(scalar: scalar, length: 3, isWellFormed: true)
    }
    guard available >= 4 else { return illFormed }
    let fourth = bytes[index &+ 3]
    guard fourth & 0xC0 == 0x80 else { return illFormed }
    let high = UInt32(first & 0x07) << 18 | UInt32(second & 0x3F) << 12
    let scalar = high | UInt32(third & 0x3F) << 6 | UInt32(fourth & 0x3F)
    guard scalar >= 0x10000, scalar <= 0x10FFFF else { return illFormed }
    return Step(scalar: scalar, length: 4, isWellFormed: true)
  }

  /// Whether all the bytes are well-formed UTF-8.
  static func isWellFormed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    var index = 0
    while index < bytes.count {
      if base[index] < 0x80 {
        index &+= 1
        continue
      }
      let step = step(base, at: index, end: bytes.count)
      guard step.isWellFormed else { return false }
      index &+= step.length
    }
    return true
  }

  /// Writes the scalar as UTF-8 at `target`, which has room for 4 bytes, and returns its length.
  @inline(__always)
  static func write(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
    if scalar < 0x80 {
      target[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 2
    }
    if scalar < 0x10000 {
      target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
      target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 3
    }
    target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
    target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
    target[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
    return 4
  }
}
