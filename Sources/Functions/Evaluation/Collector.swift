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
  /// Calls that are computed together, at most; progress is told after each such slice. Two slices are under way at
  /// once, and the layers of an encoder take 9 KB a text while they wait for a head to read them.
  public static let sliceSize = 512
  /// Calls of the first slice of a function, and of every slice of a slow one: as many as a decoder writes at once.
  private static let leastSliceSize = 32
  /// Calls of the first slice where only an encoder of this machine is asked, which is never slow. A small table is then
  /// one slice: each ends with smaller batches, and cores that wait for the last one.
  private static let firstEncoderSliceSize = 256
  /// A slice should take so long: it is what a job that is killed loses.
  private static let secondsPerSlice = 1.0
  /// What pending calls may occupy before `isFull`: 8 MiB, some 30,000 short texts. The bookkeeping around them takes
  /// as much again.
  public static let pendingByteLimit = 8 << 20
  /// Different calls that are told apart exactly; the counts of larger jobs are approximate (a call answered
  /// from the cache is then no longer counted as distinct).
  static let countedCallLimit = 4 << 20

  /// What became of the calls so far. `calls` are those since the collector was created or `beginPass` was called.
  public var counts: CallCounts { countsPerSite.reduce(CallCounts(), +) }
  /// The same for each function that was called, in the order in which they were first met.
  public var countsPerFunction: [(function: AIFunction, counts: CallCounts)] {
    zip(sites, countsPerSite).map { ($0.function, $1) }
  }
  public private(set) var pendingBytes = 0

  public var pendingCount: Int { pending.count }
  public var isFull: Bool { pendingBytes >= Self.pendingByteLimit }

  private struct PendingCall {
    let function: Int
    let call: PreparedCall
  }

  private let evaluator: Evaluator
  /// Where nothing is to be computed: what takes the calls instead.
  private let survey: CallSurvey?
  private let witness: (any AnswerWitness)?
  private let host: any FunctionHost
  private var sites: [CallSite] = []
  private var countsPerSite: [CallCounts] = []
  /// Calls a second in the last slice of each function.
  private var rates: [Double?] = []
  private var sitePositions: [String: Int] = [:]
  private var pending: [PendingCall] = []
  private var pendingKeys: Set<CacheKey> = []
  private var failedKeys: Set<CacheKey> = []
  private var seen: Set<Int> = []
  private var isReading = false
  private var lastMissed: CacheKey?

  /// - Parameters:
  ///   - survey: gets the calls that have no answer; then nothing is pending and nothing computed.
  ///   - witness: is told of every answer.
  ///   - host: the session that the calls come from.
  public init(
    evaluator: Evaluator = .shared, survey: CallSurvey? = nil, witness: (any AnswerWitness)? = nil,
    host: any FunctionHost = NoHost()
  ) {
    self.evaluator = evaluator
    self.survey = survey
    self.witness = witness
    self.host = host
  }

  deinit { endPass() }

  /// Starts counting `calls` anew: each pass makes the same ones again.
  public func beginPass() {
    for position in countsPerSite.indices { countsPerSite[position].calls = 0 }
    witness?.passBegins()
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

  /// What is known of a call before its arguments are copied.
  public enum Glance {
    case answer(Value)
    /// The same call is noted already, and has no answer yet.
    case noted
    /// `valueOrRecord` has to be asked.
    case unknown
  }

  /// What is known of a call whose arguments the database still holds, if it is like the last one of its function. Most
  /// rows of a large table are told here: they repeat a text that is in the cache or noted.
  public func glance(
    _ function: AIFunction, _ arguments: UnsafeBufferPointer<RawArgument>
  ) -> Glance {
    guard function.isCached, function.volatility != .volatile else { return .unknown }
    let position = site(of: function)
    guard let key = sites[position].key(of: arguments, host: host) else { return .unknown }
    if pendingKeys.contains(key) {
      countsPerSite[position].calls += 1
      return .noted
    }
    guard let value = evaluator.cache.lookup(key) else {
      lastMissed = key
      return .unknown
    }
    countsPerSite[position].calls += 1
    if note(key, at: position) { countsPerSite[position].cached += 1 }
    let answer = finished(value, function) {
      let text = function.textPosition
      guard text < arguments.count, case .text(let bytes) = arguments[text] else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
    return .answer(answer)
  }

  /// The answer, or nil where there is none yet; the call is then noted, or known to fail.
  ///
  /// Functions that are not cached and cheap are evaluated here and now, and their errors thrown away: see
  /// `failed`. Volatile ones are not called at all, because the statement will run again.
  public func valueOrRecord(_ function: AIFunction, _ values: [Value]) throws(SibylError) -> Value? {
    guard function.volatility != .volatile else { return nil }
    let position = site(of: function)
    let site = sites[position]
    guard function.isCached else { return try? site.answer(values) }
    countsPerSite[position].calls += 1
    let call: PreparedCall?
    do throws(SibylError) {
      call = try site.prepare(values, host: host)
    } catch {
      // What no argument can mend ends the job at once; the rest is the statement's own affair.
      if error.kind != .invalidArgument { throw error }
      countsPerSite[position].failed += 1
      return nil
    }
    guard let call else { return .null }
    guard let key = call.key else {
      return try? evaluator.answer(function, [call], host: NoHost())[0].get()
    }
    let isNew = note(key, at: position)
    // `glance` may just have looked.
    let isMissing = key == lastMissed
    lastMissed = nil
    if !isMissing, let value = evaluator.cache.lookup(key) {
      if isNew { countsPerSite[position].cached += 1 }
      return finished(value, function) { call.arguments.optionalText(function.textPosition) }
    }
    if let survey {
      if isNew { survey.note(call, key, of: function) }
      return nil
    }
    guard !failedKeys.contains(key), pendingKeys.insert(key).inserted else { return nil }
    if !isNew, seen.count >= Self.countedCallLimit { countsPerSite[position].distinct += 1 }
    pending.append(PendingCall(function: position, call: call))
    pendingBytes += call.arguments.byteCount + MemoryLayout<PendingCall>.stride
    return nil
  }

  /// The answer that a cached value stands for, as the witness sees it too.
  private func finished(_ cached: CachedValue, _ function: AIFunction, text: () -> String?) -> Value {
    let value = Value(cached)
    let answer = function.finish(value)
    witness?.answered(function, answer, confidence: function.confidence?(value), text: text)
    return answer
  }

  /// Computes everything that is noted, and forgets it.
  ///
  /// - Parameters:
  ///   - budget: may keep some of the calls from being computed.
  ///   - progress: told after each slice: calls computed so far, calls that were noted.
  ///   - isCancelled: asked every few milliseconds. Slices that are done stay in the cache.
  /// - Returns: what part of the budget is spent, where calls were left for that reason.
  /// - Throws: `cancelled`, and what keeps every call from being computed: a missing model, no memory.
  @discardableResult
  public func computePending(
    budget: BudgetMeter? = nil,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(SibylError) -> WorkBudget.Limit? {
    endPass()
    let work = pending.sorted { $0.function < $1.function }
    pending = []
    pendingKeys = []
    pendingBytes = 0
    try prepare(work, budget, isCancelled: isCancelled)
    var done = 0
    var begun = 0
    var spent: WorkBudget.Limit?
    let isWhole = try CallPipeline(evaluator: evaluator).run(
      next: {
        guard begun < work.count else { return nil }
        let site = work[begun].function
        var size = sliceSize(of: work[begun].call, rate: rates[site])
        if let budget {
          (size, spent) = budget.allowance(wanted: min(size, work.count - begun), rate: rates[site])
          if size == 0 { return nil }
        }
        let slice = work[begun...].prefix(size).prefix { $0.function == site }
        begun += slice.count
        budget?.note(slice.count)
        return CallPipeline.Slice(site: site, function: sites[site].function, calls: slice.map(\.call))
      },
      take: { finished throws(SibylError) in
        done += try note(finished)
        progress(done, work.count)
      },
      shouldStop: { isCancelled() || budget?.isOverTime == true })
    if !isWhole, isCancelled() {
      throw SibylError(
        .cancelled, "cancelled; \(done) of \(work.count) calls were computed and are in the cache")
    }
    return isWhole ? spent : .seconds
  }

  /// Lets functions learn from all calls that wait. Not on a budget of calls, which that could exceed.
  private func prepare(
    _ work: [PendingCall], _ budget: BudgetMeter?, isCancelled: () -> Bool
  ) throws(SibylError) {
    guard budget?.limitsCalls != true else { return }
    for (position, site) in sites.enumerated() where site.function.prepare != nil {
      let calls = work.filter { $0.function == position }.map(\.call)
      do throws(SibylError) {
        try withoutActuallyEscaping(isCancelled) { isCancelled throws(SibylError) in
          let host = CancellableHost { isCancelled() || budget?.isOverTime == true }
          try evaluator.prepare(site.function, calls, host: host)
        }
      } catch {
        // Time that is over, a text that can't be read: the slices meet it again, and say it of the right call.
        guard error.kind == .cancelled || error.kind == .invalidArgument else { throw error }
      }
    }
  }

  /// A session of which only the patience is known.
  private struct CancellableHost: FunctionHost {
    let isCancelled: (() -> Bool)?

    init(_ isCancelled: @escaping () -> Bool) { self.isCancelled = isCancelled }
  }

  private func sliceSize(of call: PreparedCall, rate: Double?) -> Int {
    guard let rate else {
      guard let model = call.model?.installed, model.manifest.kind == .encoder, !model.isRemote,
        call.further == nil
      else { return Self.leastSliceSize }
      return Self.firstEncoderSliceSize
    }
    let affordable = min(rate * Self.secondsPerSlice, Double(Self.sliceSize))
    return max(Self.leastSliceSize, Int(affordable))
  }

  /// - Returns: how many calls of the slice are dealt with.
  private func note(_ finished: CallPipeline.Finished) throws(SibylError) -> Int {
    var done = 0
    let slice = finished.slice
    witness?.computed(
      slice.function, texts: slice.calls.map { $0.arguments.text(slice.function.textPosition) },
      seconds: finished.seconds)
    if finished.seconds > 0 { rates[slice.site] = Double(slice.calls.count) / finished.seconds }
    for (call, result) in zip(slice.calls, finished.results) {
      switch result {
      case .success:
        done += 1
        countsPerSite[slice.site].computed += 1
      // The work was stopped, or its budget is spent.
      case .failure(let error) where error.kind == .cancelled: break
      case .failure(let error) where error.kind == .invalidArgument:
        done += 1
        countsPerSite[slice.site].failed += 1
        if let key = call.key { failedKeys.insert(key) }
      case .failure(let error):
        throw error
      }
    }
    return done
  }

  /// Whether the call is seen for the first time, as far as that is counted.
  private func note(_ key: CacheKey, at position: Int) -> Bool {
    guard seen.count < Self.countedCallLimit else { return false }
    let isNew = seen.insert(key.hashValue).inserted
    if isNew { countsPerSite[position].distinct += 1 }
    return isNew
  }

  private func site(of function: AIFunction) -> Int {
    if let position = sitePositions[function.name] { return position }
    sites.append(CallSite(function, evaluator: evaluator))
    countsPerSite.append(CallCounts())
    rates.append(nil)
    sitePositions[function.name] = sites.count - 1
    return sites.count - 1
  }
}
