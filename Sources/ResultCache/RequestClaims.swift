import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Who computes which missing result at the moment, so that concurrent identical requests are computed once.
///
/// A thread claims keys, computes them, and settles its claim; threads that want a claimed key wait for that.
/// There is no deadlock: a thread waits only when all its own claims are settled. A thread that asks again from
/// inside a computation holds unsettled claims, so it never waits: it computes by itself what others hold.
///
/// Rule: all variables here and in `Claim` are touched only under `lock`.
final class RequestClaims: @unchecked Sendable {
  /// The keys that one call computes.
  final class Claim: @unchecked Sendable {
    fileprivate let thread: pthread_t
    fileprivate var isSettled = false
    fileprivate var waiters = 0
    /// Results for those who wait; nil where the computation failed and the next one should try.
    fileprivate var values: [CacheKey: CachedValue] = [:]

    fileprivate init(thread: pthread_t) { self.thread = thread }
  }

  /// What to do about one missing key.
  enum Share {
    /// The caller computes it, and settles the claim.
    case mine
    /// Another thread computes it.
    case theirs(Claim)
  }

  private let lock = Lock()
  private let settled = Condition()
  private var claims: [CacheKey: Claim] = [:]
  /// Unsettled claims of each thread.
  private var nesting: [pthread_t: Int] = [:]

  /// Claims the keys that nobody has claimed. Distinct keys only. Ends with `settle` in any case.
  func claim(_ keys: [CacheKey]) -> (claim: Claim, shares: [Share]) {
    let thread = pthread_self()
    let claim = Claim(thread: thread)
    return lock.withLock {
      let isNested = nesting[thread, default: 0] > 0
      nesting[thread, default: 0] += 1
      let shares = keys.map { key -> Share in
        if let other = claims[key] {
          if isNested { return .mine }
          other.waiters += 1
          return .theirs(other)
        }
        claims[key] = claim
        return .mine
      }
      return (claim, shares)
    }
  }

  /// Ends a claim and wakes those who wait for it. Keys without a value are free for others to compute.
  func settle(_ claim: Claim, keys: [CacheKey], values: (Int) -> CachedValue?) {
    lock.withLock {
      for (index, key) in keys.enumerated() {
        guard claims[key] === claim else { continue }
        claims[key] = nil
        if claim.waiters > 0, let value = values(index) { claim.values[key] = value }
      }
      claim.isSettled = true
      let depth = nesting[claim.thread, default: 1] - 1
      nesting[claim.thread] = depth > 0 ? depth : nil
      settled.broadcast()
    }
  }

  /// Waits for another thread's result; nil where it has none to give, or where `isCancelled` says so.
  func wait(for key: CacheKey, of claim: Claim, isCancelled: (() -> Bool)?) -> CachedValue? {
    lock.lock()
    defer { lock.unlock() }
    while !claim.isSettled {
      guard let isCancelled else {
        settled.wait(lock)
        continue
      }
      settled.wait(lock, until: MonotonicClock.nanoseconds + 20_000_000)
      if claim.isSettled { break }
      // The closure may take its time, or ask this cache.
      lock.unlock()
      let stop = isCancelled()
      lock.lock()
      if stop { return nil }
    }
    return claim.values[key]
  }

  // MARK: Fork

  func prepareFork() { lock.lock() }

  func finishFork(isChild: Bool) {
    if isChild {
      // Claims of the parent's other threads would never be settled here. The calling thread's own are
      // settled by it; that then finds nothing to do.
      claims = [:]
      nesting = [:]
      settled.forgetSleepers()
    }
    lock.unlock()
  }
}
