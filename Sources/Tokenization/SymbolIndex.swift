/// Finds a symbol by its bytes: a hash table with open addressing beside a list of byte strings.
///
/// The hash is seeded anew for each table, so that no file can be made whose tokens all collide.
struct SymbolIndex: Sendable {
  /// The symbols' bytes, by identifier; not all of them need be findable.
  private(set) var symbols: ByteStrings
  /// Identifier plus 1 and the hash's upper half, or 0 where the slot is free.
  private var slots: [UInt64]
  private var used = 0
  private let seed = UInt64.random(in: 0 ... .max)

  init(symbols: ByteStrings, capacity: Int) {
    self.symbols = symbols
    slots = [UInt64](repeating: 0, count: Self.slotCount(for: capacity))
  }

  private static func slotCount(for capacity: Int) -> Int {
    var count = 16
    while count < capacity * 2 { count *= 2 }
    return count
  }

  /// Makes a listed symbol findable; one with the same bytes that is findable already stays.
  mutating func insert(_ identifier: Int32) {
    if (used + 1) * 4 > slots.count * 3 { grow() }
    let hash = symbols.bytes.withUnsafeBufferPointer { bytes in
      let range = symbols.range(of: Int(identifier))
      return self.hash(UnsafeBufferPointer(rebasing: bytes[range]))
    }
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let other = Int(slots[slot] & 0xFFFF_FFFF) - 1
      if symbols[other].elementsEqual(symbols[Int(identifier)]) { return }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = UInt64(UInt32(bitPattern: identifier)) + 1 | hash & 0xFFFF_FFFF_0000_0000
    used += 1
  }

  /// Adds a symbol to the list and makes it findable; answers its identifier, or that of the symbol which
  /// had these bytes before.
  mutating func insert(_ bytes: some Collection<UInt8>) -> Int32 {
    if let known = find(bytes) { return known }
    let identifier = Int32(truncatingIfNeeded: symbols.count)
    symbols.append(bytes)
    insert(identifier)
    return identifier
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 {
      let identifier = Int(entry & 0xFFFF_FFFF) - 1
      let hash = symbols[identifier].withUnsafeBufferPointer { self.hash($0) }
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }

  func find(_ bytes: some Collection<UInt8>) -> Int32? {
    let found = bytes.withContiguousStorageIfAvailable { find($0) }
    return found ?? Array(bytes).withUnsafeBufferPointer { find($0) }
  }

  func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    let hash = hash(bytes)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = slots[slot]
      if (entry ^ hash) >> 32 == 0 {
        let identifier = Int(entry & 0xFFFF_FFFF) - 1
        let range = symbols.range(of: identifier)
        let isEqual = symbols.bytes.withUnsafeBufferPointer {
          range.count == bytes.count && UnsafeBufferPointer(rebasing: $0[range]).elementsEqual(bytes)
        }
        if isEqual { return Int32(truncatingIfNeeded: identifier) }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
    guard let base = bytes.baseAddress else { return state }
    let raw = UnsafeRawPointer(base)
    var index = 0
    while bytes.count &- index >= 8 {
      state = (state ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
      state ^= state >> 32
      index &+= 8
    }
    var tail: UInt64 = 0
    while index < bytes.count {
      tail = tail << 8 | UInt64(base[index])
      index &+= 1
    }
    state = (state ^ tail) &* 0x9E37_79B9_7F4A_7C15
    state = (state ^ state >> 32) &* 0xBF58_476D_1CE4_E5B9
    return state ^ state >> 29
  }
}
