#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One sixteenth of the memory tier: an open-addressed hash table over an array of entries.
///
/// Eviction is by second chance, the usual stand-in for "least recently used": a hand walks over the entries,
/// spares those that were asked for since it last came by, and frees the first that was not. So a hit writes
/// one byte instead of relinking a list through memory that is not in the processor's cache.
///
/// Rule: every method is called with the shard's lock held; `MemoryTier` sees to it.
struct MemoryShard {
  private var entries: UnsafeMutablePointer<MemoryEntry>?
  private var capacity = 0
  /// Entries ever used: those from here to `capacity` are uninitialised.
  private var used = 0
  /// Indices of free entries below `used`.
  private var freed: [UInt32] = []
  /// 0 for an empty slot, otherwise an entry's index plus one.
  private var slots: UnsafeMutablePointer<UInt32>?
  private var slotCount = 0
  private var hand = 0
  private var blockBytes = 0

  private(set) var count = 0
  private(set) var evictions = 0
  var hits = 0
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Everything that the shard has allocated.
  var bytes: Int {
    capacity * MemoryLayout<MemoryEntry>.stride + slotCount * MemoryLayout<UInt32>.stride
      + freed.capacity * MemoryLayout<UInt32>.stride + blockBytes
  }

  @inline(__always)
  private func slot(of key: CacheKey) -> Int? {
    guard let slots, let entries else { return nil }
    let mask = slotCount &- 1
    var slot = Int(truncatingIfNeeded: key.row) & mask
    while slots[slot] != 0 {
      if entries[Int(slots[slot] &- 1)].key == key { return slot }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  @inline(__always)
  mutating func value(for key: CacheKey) -> CachedValue? {
    guard let slot = slot(of: key), let slots, let entries else { return nil }
    let entry = entries + Int(slots[slot] &- 1)
    if !entry.pointee.isReferenced { entry.pointee.isReferenced = true }
    hits &+= 1
    return MemoryEntry.value(at: entry)
  }

  /// Keeps the value, evicting others as needed. A value larger than a quarter of the shard is not kept: it
  /// would displace hundreds of others.
  mutating func insert(_ value: CachedValue, for key: CacheKey) {
    let block = MemoryEntry.blockBytes(value.byteCount)
    if let slot = slot(of: key) { remove(slot: slot) }
    guard block <= limit / 4 else { return }
    while bytes + block > limit, count > 0 {
      // Where small values filled the arrays and large ones follow, the arrays must give way too.
      if capacity > 64, count < capacity / 2, compact() { continue }
      evictOne()
    }
    guard let index = freeIndex(block: block), let entries, let slots else { return }
    guard MemoryEntry.store(value, for: key, at: entries + index) else {
      freed.append(UInt32(truncatingIfNeeded: index))
      return
    }
    blockBytes += block
    count += 1
    let mask = slotCount - 1
    var slot = Int(truncatingIfNeeded: key.row) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = UInt32(truncatingIfNeeded: index + 1)
  }

  mutating func removeAll() {
    if let entries {
      for index in 0..<used where entries[index].tag != MemoryEntry.Tag.free {
        _ = MemoryEntry.release(entries + index)
      }
    }
    free(entries)
    free(slots)
    entries = nil
    slots = nil
    (capacity, used, slotCount, hand, blockBytes, count) = (0, 0, 0, 0, 0, 0)
    freed = []
  }

  private mutating func freeIndex(block: Int) -> Int? {
    if let index = freed.popLast() { return Int(index) }
    if used == capacity, !grow(block: block) {
      guard count > 0 else { return nil }
      evictOne()
      return freed.popLast().map(Int.init)
    }
    used += 1
    return used - 1
  }

  /// Makes room for more entries, where that fits into the limit.
  private mutating func grow(block: Int) -> Bool {
    let larger = max(16, capacity + capacity / 2)
    let added =
      (larger - capacity) * MemoryLayout<MemoryEntry>.stride
      + (Self.slotCount(capacity: larger) - slotCount) * MemoryLayout<UInt32>.stride
    guard bytes + block + added <= limit else { return false }
    return resize(capacity: larger)
  }

  /// Moves all entries to the front and gives back what lies behind them.
  private mutating func compact() -> Bool {
    guard let entries, count > 0 else { return false }
    var front = 0
    for index in 0..<used where entries[index].tag != MemoryEntry.Tag.free {
      if index != front { entries[front] = entries[index] }
      front += 1
    }
    used = front
    freed = []
    hand = 0
    let smaller = max(16, count + count / 4)
    // The old table names the old places, so without a new one there is no way back.
    if !resize(capacity: smaller) {
      removeAll()
    }
    return true
  }

  private static func slotCount(capacity: Int) -> Int {
    var slots = 32
    while slots < capacity + capacity / 2 { slots *= 2 }
    return slots
  }

  /// Gives the arrays another size (at least `used`); false, with nothing changed, where memory is short.
  private mutating func resize(capacity newCapacity: Int) -> Bool {
    let newSlotCount = Self.slotCount(capacity: newCapacity)
    guard newCapacity < Int(UInt32.max),
      let zeroed = calloc(newSlotCount, MemoryLayout<UInt32>.stride)
    else { return false }
    guard let moved = realloc(entries, newCapacity * MemoryLayout<MemoryEntry>.stride) else {
      free(zeroed)
      return false
    }
    let typed = moved.assumingMemoryBound(to: MemoryEntry.self)
    let table = zeroed.assumingMemoryBound(to: UInt32.self)
    let mask = newSlotCount - 1
    for index in 0..<used where typed[index].tag != MemoryEntry.Tag.free {
      var slot = Int(truncatingIfNeeded: typed[index].key.row) & mask
      while table[slot] != 0 { slot = (slot + 1) & mask }
      table[slot] = UInt32(truncatingIfNeeded: index + 1)
    }
    free(slots)
    (entries, slots, capacity, slotCount) = (typed, table, newCapacity, newSlotCount)
    return true
  }

  private mutating func evictOne() {
    guard let entries, count > 0 else { return }
    while true {
      if hand >= used { hand = 0 }
      let entry = entries + hand
      hand += 1
      if entry.pointee.tag == MemoryEntry.Tag.free { continue }
      if entry.pointee.isReferenced {
        entry.pointee.isReferenced = false
        continue
      }
      guard let slot = slot(of: entry.pointee.key) else { continue }
      remove(slot: slot)
      evictions += 1
      return
    }
  }

  private mutating func remove(slot: Int) {
    guard let slots, let entries else { return }
    let index = Int(slots[slot] - 1)
    blockBytes -= MemoryEntry.release(entries + index)
    freed.append(UInt32(truncatingIfNeeded: index))
    count -= 1
    // Linear probing without tombstones: entries behind the hole move up, each at most to its own slot.
    let mask = slotCount - 1
    var hole = slot
    var next = slot
    while true {
      next = (next + 1) & mask
      guard slots[next] != 0 else { break }
      let home = Int(truncatingIfNeeded: entries[Int(slots[next] - 1)].key.row) & mask
      if (next &- home) & mask >= (next &- hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
    }
    slots[hole] = 0
  }
}
