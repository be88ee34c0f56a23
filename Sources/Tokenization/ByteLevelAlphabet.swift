/// The letters that byte-level BPE vocabularies write for bytes (Radford et al. 2019, `bytes_to_unicode`):
/// printable bytes of Latin-1 stand for themselves, the others for the scalars from U+0100 on, in order.
enum ByteLevelAlphabet {
  /// For each scalar below U+0144 the byte that it stands for, or -1.
  static let byteOfScalar: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    var next = 0x100
    for byte in 0..<256 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: table[byte] = Int16(byte)
      default:
        table[next] = Int16(byte)
        next += 1
      }
    }
    return table
  }()

  /// Appends the bytes that the letters stand for; false, and nothing, where one is no letter of the alphabet.
  static func decode(_ letters: ArraySlice<UInt8>, appendingTo bytes: inout [UInt8]) -> Bool {
    let old = bytes.count
    let isDecoded = letters.withUnsafeBufferPointer { letters in
      guard let base = letters.baseAddress else { return true }
      var index = 0
      while index < letters.count {
        let step = UTF8Decoding.step(base, at: index, end: letters.count)
        guard step.isWellFormed, step.scalar < 0x144, byteOfScalar[Int(step.scalar)] >= 0 else {
          return false
        }
        bytes.append(UInt8(truncatingIfNeeded: byteOfScalar[Int(step.scalar)]))
        index += step.length
      }
      return true
    }
    if !isDecoded { bytes.removeLast(bytes.count - old) }
    return isDecoded
  }
}
