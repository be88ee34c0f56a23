/// `▁` (U+2581), which SentencePiece writes for a space.
enum SentencePieceSpace {
  static let scalar: UInt32 = 0x2581

  /// The bytes with spaces in place of `▁`.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == 0xE2, bytes[index...].starts(with: [0xE2, 0x96, 0x81]) {
        decoded.append(UInt8(ascii: " "))
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return decoded
  }
}
