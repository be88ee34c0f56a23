/// A vocabulary's table as raw memory, valid inside `WordPieceVocabulary.withIndex`.
struct WordPieceIndex {
  let bytes: UnsafeBufferPointer<UInt8>
  let starts: UnsafeBufferPointer<UInt32>
  let lengths: UnsafeBufferPointer<UInt32>
  let slots: UnsafeBufferPointer<UInt64>
  let slotShift: UInt64
  let slotMask: Int
  let longestInitial: Int
  let longestContinuation: Int

  /// The identifier of the piece with these bytes, or -1.
  ///
  /// - Parameters:
  ///   - word: the bytes, with at least 8 readable bytes behind them.
  ///   - key: the number of bytes, with `continuationFlag` for a piece that continues a word.
  ///   - hash: of those bytes.
  @inline(__always)
  func find(_ word: UnsafePointer<UInt8>, key: UInt32, hash: WordPieceHash) -> Int32 {
    let slots = slots.baseAddress.unsafelyUnwrapped
    var slot = hash.slot(slotShift)
    while true {
      let entry = slots[slot]
      if entry == 0 { return -1 }
      if entry &>> 32 == hash.tag {
        let identifier = Int(entry & 0xFFFF_FFFF) &- 1
        if lengths.baseAddress.unsafelyUnwrapped[identifier] == key {
          let start = Int(starts.baseAddress.unsafelyUnwrapped[identifier])
          let length = Int(key & ~WordPieceVocabulary.continuationFlag)
          if equal(word, bytes.baseAddress.unsafelyUnwrapped + start, length) {
            return Int32(truncatingIfNeeded: identifier)
          }
        }
      }
      slot = (slot &+ 1) & slotMask
    }
  }

  /// Compares in words of 8 bytes, which is why both sides need readable bytes behind them.
  @inline(__always)
  private func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let a = UnsafeRawPointer(a)
    let b = UnsafeRawPointer(b)
    var offset = 0
    while length &- offset > 8 {
      let left = a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if left != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
      offset &+= 8
    }
    let left = UInt64(littleEndian: a.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    let right = UInt64(littleEndian: b.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    let unused = UInt64(64 &- 8 &* (length &- offset))
    return (left ^ right) &<< unused == 0
  }
}
