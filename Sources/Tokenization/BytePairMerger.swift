/// Merges the symbols of one word, always the pair of the lowest rank first and of equal ones the leftmost,
/// until no pair merges.
struct BytePairMerger {
  let pairs: PairTable.Reader

  /// Up to this many symbols are merged by looking at all pairs before each merge, which for words as they
  /// are is faster than a heap; longer ones take time n log n.
  static let shortCount = 48

  /// Merges the symbols in place and returns how many are left.
  ///
  /// - Parameter merges: room for as many merges as symbols, where these are few.
  @inline(__always)
  func mergeShort(
    _ symbols: UnsafeMutablePointer<Int32>, count: Int, merges: UnsafeMutablePointer<UInt64>
  ) -> Int {
    var pairCount = count &- 1
    guard pairCount > 0 else { return count }
    for index in 0..<pairCount { merges[index] = pairs.merge(symbols[index], symbols[index &+ 1]) }
    while pairCount > 0 {
      var best = merges[0]
      var place = 0
      for index in 1..<max(1, pairCount) where merges[index] &>> 32 < best &>> 32 {
        best = merges[index]
        place = index
      }
      guard best != PairTable.none else { break }
      symbols[place] = Int32(truncatingIfNeeded: best)
      pairCount &-= 1
      var index = place &+ 1
      while index <= pairCount {
        symbols[index] = symbols[index &+ 1]
        merges[index &- 1] = merges[index]
        index &+= 1
      }
      if place > 0 { merges[place &- 1] = pairs.merge(symbols[place &- 1], symbols[place]) }
      if place < pairCount { merges[place] = pairs.merge(symbols[place], symbols[place &+ 1]) }
    }
    return pairCount &+ 1
  }

  /// As `mergeShort`, for any number of symbols below 2³¹.
  func mergeLong(_ symbols: UnsafeMutablePointer<Int32>, count: Int) -> Int {
    guard count > 1 else { return count }
    // For each symbol that is left, its neighbours and its merge with the next one.
    var previous = [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count { buffer[index] = Int32(truncatingIfNeeded: index) &- 1 }
      initialized = count
    }
    var next = [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count { buffer[index] = Int32(truncatingIfNeeded: index) &+ 1 }
      initialized = count
    }
    var merges = [UInt64](repeating: PairTable.none, count: count)
    var queue = MergeQueue()
    for index in 0..<(count - 1) {
      merges[index] = pairs.merge(symbols[index], symbols[index + 1])
      if merges[index] != PairTable.none { queue.append(merges[index], at: index) }
    }
    queue.order()

    func update(_ place: Int) {
      let follower = Int(next[place])
      merges[place] = follower < count ? pairs.merge(symbols[place], symbols[follower]) : PairTable.none
      if merges[place] != PairTable.none { queue.insert(merges[place], at: place) }
    }
    while let (rank, place) = queue.popFirst() {
      // Entries stay in the queue when their pair is gone; the pair that stands there now has its own.
      let merge = merges[place]
      guard merge != PairTable.none, UInt32(truncatingIfNeeded: merge >> 32) == rank else { continue }
      let eaten = Int(next[place])
      symbols[place] = Int32(truncatingIfNeeded: merge)
      merges[eaten] = PairTable.none
      next[place] = next[eaten]
      if next[eaten] < count { previous[Int(next[eaten])] = Int32(truncatingIfNeeded: place) }
      update(place)
      if previous[place] >= 0 { update(Int(previous[place])) }
    }
    var left = 0
    var index = 0
    while index < count {
      symbols[left] = symbols[index]
      left += 1
      index = Int(next[index])
    }
    return left
  }
}
