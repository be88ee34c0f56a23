import Threads

/// Notices when lookups follow each other so fast that they are one query's: such a query goes through a large
/// table row by row, and locking the file for each row takes longer than looking.
///
/// Rule: guarded by its owner's reader lock.
struct LookupBurst {
  /// So many lookups …
  private static let lookups = 128
  /// … within so long are a burst.
  private static let nanoseconds: UInt64 = 5_000_000
  /// A burst that pauses for so long is over, and the file's snapshot is let go.
  static let pauseMilliseconds: UInt32 = 20

  private(set) var isUnderWay = false
  private var count = 0
  private var countAtLastLook = 0
  private var lastTime: UInt64 = 0

  /// Notes a lookup.
  /// - Returns: whether a burst begins with it.
  mutating func noteLookup() -> Bool {
    count &+= 1
    guard !isUnderWay, count % Self.lookups == 0 else { return false }
    let now = MonotonicClock.nanoseconds
    defer { lastTime = now }
    guard now &- lastTime < Self.nanoseconds else { return false }
    isUnderWay = true
    return true
  }

  /// Called every `pauseMilliseconds` while a burst is under way.
  /// - Returns: whether it is over.
  mutating func isOver() -> Bool {
    defer { countAtLastLook = count }
    guard count == countAtLastLook else { return false }
    isUnderWay = false
    return true
  }

  /// Ends the burst whatever happens: nobody looks whether it is over.
  mutating func stop() { isUnderWay = false }
}
