/// The running hash of a piece's bytes: one multiplication a byte, so that the hashes of all prefixes of a
/// word come from one pass.
struct WordPieceHash {
  private(set) var state: UInt64

  @inline(__always)
  init(continuesWord: Bool) {
    state = continuesWord ? 0x2545_F491_4F6C_DD1D : 0x6A09_E667_F3BC_C909
  }

  @inline(__always)
  init(state: UInt64) { self.state = state }

  @inline(__always)
  mutating func add(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
    // Carries the high half down: multiplication alone moves bits only upwards.
    state ^= state &>> 29
  }

  /// The first slot to look at, in a table whose slots number 2 to the power of `64 - shift`.
  @inline(__always)
  func slot(_ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: (state &* 0xBF58_476D_1CE4_E5B9) &>> shift)
  }

  /// The 32 bits that a slot keeps.
  @inline(__always)
  var tag: UInt64 { state & 0xFFFF_FFFF }
}
