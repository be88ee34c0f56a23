/// Which pairs of symbols merge, in which order, and into what: a hash table with open addressing.
struct PairTable: Sendable {
  /// What a pair that does not merge has for its merge.
  static let none = UInt64.max

  /// Pair and merge by turns; a free slot has `none` for its merge.
  private(set) var slots: [UInt64]
  private(set) var shift: UInt64
  private(set) var count = 0

  /// - Parameter capacity: how many pairs will be inserted at most.
  init(capacity: Int) {
    var bits: UInt64 = 4
    while (1 << bits) * 2 < capacity * 3 { bits += 1 }
    slots = [UInt64](repeating: Self.none, count: 2 << bits)
    shift = 64 - bits
  }

  @inline(__always)
  private static func firstSlot(_ pair: UInt64, _ shift: UInt64) -> Int {
    let mixed = (pair ^ pair >> 31) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: ((mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9) &>> shift)
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Adds a pair; one that is there already stays.
  mutating func insert(_ left: Int32, _ right: Int32, rank: UInt32, merged: Int32) {
    guard count + 1 < slots.count / 2 else { return }
    let pair = Self.pair(left, right)
    let mask = slots.count / 2 - 1
    var slot = Self.firstSlot(pair, shift)
    while slots[slot * 2 + 1] != Self.none {
      if slots[slot * 2] == pair { return }
      slot = (slot + 1) & mask
    }
    slots[slot * 2] = pair
    slots[slot * 2 + 1] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged))
    count += 1
  }

  /// The table as raw memory, valid while the array is.
  struct Reader {
    let slots: UnsafePointer<UInt64>
    let mask: Int
    let shift: UInt64

    /// The pair's merge, its rank above the symbol that it makes: the smaller, the sooner; or `none`.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> UInt64 {
      let pair = PairTable.pair(left, right)
      var slot = PairTable.firstSlot(pair, shift)
      while true {
        let merge = slots[slot &* 2 &+ 1]
        if merge == PairTable.none || slots[slot &* 2] == pair { return merge }
        slot = (slot &+ 1) & mask
      }
    }
  }
}
