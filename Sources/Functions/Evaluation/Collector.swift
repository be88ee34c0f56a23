import Diagnostics
import ResultCache

/// Replay's collecting mode: answers calls from the cache, and notes those whose answer is not there yet, so
/// that they can be computed together in large batches.
///
/// A pass over a query goes through `valueOrRecord`; `computePending` computes what was noted. Passes are
/// repeated until one notes nothing (a call inside a call can be noted only once the inner one has its
/// answer). Bounded in memory: a caller that sees `isFull` computes in the middle of a pass.
///
/// Owned by one connection, and so by one thread at a time.
public final class Collector {
  /// Calls that are computed together, at most; progress is told after each such slice.
  public static let sliceSize = 2_048
  /// What pending calls may occupy before `isFull`: 64 MiB.
  public static let pendingByteLimit = 64 << 20
  /// Different calls that are told apart exactly; the counts of larger jobs are approximate (a call answered
  /// from the cache is then no longer counted as distinct).
  static let countedCallLimit = 4 << 20

  /// Calls of cached functions that were made since the collector was created or `beginPass` was called.
  public private(set) var calls = 0
  /// Different calls among all that were seen.
  public private(set) var distinct = 0
  /// Different calls whose answer was in the cache when they were first seen.
  public private(set) var cached = 0
  /// Different calls that were computed.
  public private(set) var computed = 0
  /// Different calls that could not be answered. The statement itself will raise their errors, if it really
  /// makes these calls: in collecting mode a NULL can stand where an argument will be.
  public private(set) var failed = 0
  public private(set) var pendingBytes = 0

  public var pendingCount: Int { pending.count }
  public var isFull: Bool { pendingBytes >= Self.pendingByteLimit }

  private struct PendingCall {
    let function: Int
    let call: PreparedCall
  }

  private let evaluator: Evaluator
  private var sites: [CallSite] = []
  private var sitePositions: [String: Int] = [:]
  private var pending: [PendingCall] = []
  private var pendingKeys: Set<CacheKey> = []
  private var failedKeys: Set<CacheKey> = []
  private var seen: Set<Int> = []
  private var isReading = false
  private var lastMissed: CacheKey?

  public init(evaluator: Evaluator = .shared) { self.evaluator = evaluator }

  deinit { endPass() }

  /// Starts counting `calls` anew: each pass makes the same ones again.
  public func beginPass() {
    calls = 0
    guard !isReading else { return }
    isReading = true
    evaluator.cache.beginBulkReading()
  }

  /// No calls follow for a while.
  public func endPass() {
    guard isReading else { return }
    isReading = false
    evaluator.cache.endBulkReading()
  }

  /// The answer of a call whose arguments the database still holds, if it is in the cache and the call is like
  /// the last one of its function; nil says nothing but "call `valueOrRecord`".
  public func cachedValue(
    _ function: AIFunction, _ arguments: UnsafeBufferPointer<RawArgument>
  ) -> Value? {
    guard function.isCached, function.volatility == .immutable,
      let key = sites[site(of: function)].key(of: arguments)
    else { return nil }
    guard let value = evaluator.cache.lookup(key) else {
      lastMissed = key
      return nil
    }
    calls += 1
    if note(key) { cached += 1 }
    return function.finish(Value(value))
  }

  /// The answer, or nil where there is none yet; the call is then noted, or known to fail.
  ///
  /// Functions that are not cached and cheap are evaluated here and now, and their errors thrown away: see
  /// `failed`. Volatile ones are not called at all, because the statement will run again.
  public func valueOrRecord(_ function: AIFunction, _ values: [Value]) throws(SibylError) -> Value? {
    guard function.volatility == .immutable else { return nil }
    let position = site(of: function)
    let site = sites[position]
    guard function.isCached else { return try? site.answer(values) }
    calls += 1
    let call: PreparedCall?
    do throws(SibylError) {
      call = try site.prepare(values)
    } catch {
      // What no argument can mend ends the job at once; the rest is the statement's own affair.
      if error.kind != .invalidArgument { throw error }
      failed += 1
      return nil
    }
    guard let call else { return .null }
    guard let key = call.key else {
      return try? evaluator.answer(function, [call], host: NoHost())[0].get()
    }
    let isNew = note(key)
    // `cachedValue` may just have looked.
    let isMissing = key == lastMissed
    lastMissed = nil
    if !isMissing, let value = evaluator.cache.lookup(key) {
      if isNew { cached += 1 }
      return function.finish(Value(value))
    }
    guard !failedKeys.contains(key), pendingKeys.insert(key).inserted else { return nil }
    if !isNew, seen.count >= Self.countedCallLimit { distinct += 1 }
    pending.append(PendingCall(function: position, call: call))
    pendingBytes += call.arguments.byteCount + MemoryLayout<PendingCall>.stride
    return nil
  }

  /// Computes everything that is noted, and forgets it.
  ///
  /// - Parameters:
  ///   - progress: told after each slice: calls computed so far, calls that were noted.
  ///   - isCancelled: asked before each slice. Slices that are done stay in the cache.
  /// - Throws: `cancelled`, and what keeps every call from being computed: a missing model, no memory.
  public func computePending(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(SibylError) {
    endPass()
    let work = pending.sorted { $0.function < $1.function }
    pending = []
    pendingKeys = []
    pendingBytes = 0
    var done = 0
    while done < work.count {
      if isCancelled() {
        throw SibylError(
          .cancelled, "cancelled; \(done) of \(work.count) calls were computed and are in the cache")
      }
      let function = work[done].function
      let slice = work[done...].prefix(Self.sliceSize).prefix { $0.function == function }
      try compute(slice.map(\.call), sites[function].function)
      done += slice.count
      progress(done, work.count)
    }
  }

  private func compute(_ calls: [PreparedCall], _ function: AIFunction) throws(SibylError) {
    let results = evaluator.answer(function, calls, host: NoHost())
    for (call, result) in zip(calls, results) {
      switch result {
      case .success:
        computed += 1
      case .failure(let error) where error.kind == .invalidArgument:
        failed += 1
        if let key = call.key { failedKeys.insert(key) }
      case .failure(let error):
        throw error
      }
    }
  }

  /// Whether the call is seen for the first time, as far as that is counted.
  private func note(_ key: CacheKey) -> Bool {
    guard seen.count < Self.countedCallLimit else { return false }
    let isNew = seen.insert(key.hashValue).inserted
    if isNew { distinct += 1 }
    return isNew
  }

  private func site(of function: AIFunction) -> Int {
    if let position = sitePositions[function.name] { return position }
    sites.append(CallSite(function, evaluator: evaluator))
    sitePositions[function.name] = sites.count - 1
    return sites.count - 1
  }
}
