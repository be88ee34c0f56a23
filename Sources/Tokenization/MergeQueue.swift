/// A binary heap of merges, the lowest rank first and of equal ones the leftmost.
struct MergeQueue {
  /// Rank above place.
  private var entries: [UInt64] = []

  @inline(__always)
  private static func entry(_ merge: UInt64, _ place: Int) -> UInt64 {
    merge & 0xFFFF_FFFF_0000_0000 | UInt64(UInt32(truncatingIfNeeded: place))
  }

  /// Adds an entry without regard to order; `order` follows.
  mutating func append(_ merge: UInt64, at place: Int) { entries.append(Self.entry(merge, place)) }

  mutating func order() {
    for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  mutating func insert(_ merge: UInt64, at place: Int) {
    let entry = Self.entry(merge, place)
    var index = entries.count
    entries.append(entry)
    while index > 0 {
      let parent = (index - 1) / 2
      guard entries[parent] > entry else { break }
      entries[index] = entries[parent]
      index = parent
    }
    entries[index] = entry
  }

  mutating func popFirst() -> (rank: UInt32, place: Int)? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    if !entries.isEmpty {
      entries[0] = last
      sink(0)
    }
    return (UInt32(truncatingIfNeeded: first >> 32), Int(UInt32(truncatingIfNeeded: first)))
  }

  private mutating func sink(_ start: Int) {
    entries.withUnsafeMutableBufferPointer { entries in
      let entry = entries[start]
      var index = start
      while true {
        var child = index &* 2 &+ 1
        guard child < entries.count else { break }
        if child &+ 1 < entries.count, entries[child &+ 1] < entries[child] { child &+= 1 }
        guard entries[child] < entry else { break }
        entries[index] = entries[child]
        index = child
      }
      entries[index] = entry
    }
  }
}
