import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The first tier: recent results in this process's memory, bounded in bytes, bookkeeping included.
///
/// Any thread may call any method. Rule: a shard is touched only while its lock is held; a key's shard is
/// given by its last bits, so two threads seldom want the same one.
final class MemoryTier: @unchecked Sendable {
  private static let shardCount = 16
  private let shards: UnsafeMutablePointer<MemoryShard>
  private let locks: [Lock]
  private let limit: Int
  let isEnabled: Bool

  /// - Parameter limit: bytes for all shards together; 0 keeps nothing.
  init(limit: Int) {
    self.limit = limit
    isEnabled = limit > 0
    shards = .allocate(capacity: Self.shardCount)
    shards.initialize(repeating: MemoryShard(limit: limit / Self.shardCount), count: Self.shardCount)
    locks = (0..<Self.shardCount).map { _ in Lock() }
  }

  deinit {
    for index in 0..<Self.shardCount { shards[index].removeAll() }
    shards.deinitialize(count: Self.shardCount)
    shards.deallocate()
  }

  @inline(__always)
  private func shard(of key: CacheKey) -> Int {
    Int(truncatingIfNeeded: key.checkLow) & (Self.shardCount &- 1)
  }

  @inline(__always)
  func value(for key: CacheKey) -> CachedValue? {
    let index = shard(of: key)
    let lock = locks[index]
    lock.lock()
    defer { lock.unlock() }
    return shards[index].value(for: key)
  }

  func insert(_ value: CachedValue, for key: CacheKey) {
    guard isEnabled else { return }
    let index = shard(of: key)
    locks[index].withLock { shards[index].insert(value, for: key) }
  }

  func removeAll() {
    for index in 0..<Self.shardCount { locks[index].withLock { shards[index].removeAll() } }
  }

  /// Sums over all shards: entries, bytes, hits, evictions.
  func totals() -> (entries: Int, bytes: Int, hits: Int, evictions: Int) {
    var sum = (entries: 0, bytes: 0, hits: 0, evictions: 0)
    for index in 0..<Self.shardCount {
      locks[index].withLock {
        sum.entries += shards[index].count
        sum.bytes += shards[index].bytes
        sum.hits &+= shards[index].hits
        sum.evictions += shards[index].evictions
      }
    }
    return sum
  }

  /// Whether there is room for results that may never be asked for: half of the memory stays for those that are.
  var hasRoom: Bool { isEnabled && totals().bytes < limit / 2 }

  /// Around `fork`, so that the child finds every shard whole and unlocked.
  func lockAll() { for lock in locks { lock.lock() } }
  func unlockAll() { for lock in locks.reversed() { lock.unlock() } }
}
