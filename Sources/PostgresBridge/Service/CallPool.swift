import Diagnostics
import Functions
import Inference
import PostgresWire
import Threads

/// The threads on which calls are computed, and the bounded queue before them.
///
/// Short calls (one text) of the same function that wait at the same moment are taken together, and few such
/// batches run at once: while they run, the next ones gather. Long calls (arrays, tables) have
/// a thread each. The engine below lets short work overtake long work.
///
/// Threads: any may submit. Threads start when calls wait and none is free, end with `stop`, and keep the pool
/// alive until then.
final class CallPool: Sendable {
  private struct State {
    var short: [CallAttempt] = []
    var long: [CallAttempt] = []
    /// Batches of short calls, and long calls.
    var runningShort = 0
    var runningLong = 0
    var threads = 0
    /// Threads that wait for calls, or are about to.
    var idle = 0
    var running: [ObjectIdentifier: CallAttempt] = [:]
    var isStopped = false
    var lastSession: Int32 = 0

    var waitingCount: Int { short.count + long.count }
    var all: [CallAttempt] { short + long + running.values }
    /// Calls in the batches of short ones.
    private var runningShortCalls: Int { running.count - runningLong }

    private func canTakeShort(_ batches: Int) -> Bool { !short.isEmpty && runningShort < batches }
    private var canTakeLong: Bool { !long.isEmpty && runningLong < CallPool.mostLong }

    /// Whether calls wait that may run now, and more than there are threads for.
    func needsThread(batches: Int) -> Bool {
      let startable =
        min(long.count, CallPool.mostLong - runningLong) + min(short.count, max(0, batches - runningShort))
      return idle < startable
    }

    /// The calls that a thread should take now; empty where there is nothing for it.
    mutating func next(batches: Int) -> [CallAttempt] {
      var taken: [CallAttempt] = []
      if canTakeShort(batches) {
        let name = short[0].request.target.entry.name
        let group = short[0].request.surroundings.group
        // An even share of all that is under way, so that no batch grows while the other cores run dry: its
        // sessions would come back all at once, much later.
        let share = max((short.count + runningShortCalls + batches - 1) / batches, 1)
        var kept: [CallAttempt] = []
        for attempt in short {
          let fits =
            taken.count < min(share, CallPool.mostTogether) && attempt.request.target.entry.name == name
            && attempt.request.surroundings.group == group
          if fits { taken.append(attempt) } else { kept.append(attempt) }
        }
        short = kept
      } else if canTakeLong {
        taken.append(long.removeFirst())
      }
      begin(taken)
      return taken
    }

    /// Notes a batch of short calls, or a long one, as running.
    mutating func begin(_ taken: [CallAttempt]) {
      guard let first = taken.first else { return }
      for attempt in taken { running[ObjectIdentifier(attempt)] = attempt }
      if first.request.isShort { runningShort += 1 } else { runningLong += 1 }
    }

    mutating func finish(_ taken: [CallAttempt]) {
      for attempt in taken { running[ObjectIdentifier(attempt)] = nil }
      if taken.first?.request.isShort == true { runningShort -= 1 } else { runningLong -= 1 }
    }

    /// Calls that nobody waits for any more, from before the threads.
    mutating func takeCancelled() -> [CallAttempt] {
      guard waitingCount > 0 else { return [] }
      let cancelled = (short + long).filter(\.isCancelled)
      guard !cancelled.isEmpty else { return [] }
      let gone = Set(cancelled.map(ObjectIdentifier.init))
      short.removeAll { gone.contains(ObjectIdentifier($0)) }
      long.removeAll { gone.contains(ObjectIdentifier($0)) }
      return cancelled
    }
  }

  /// Long calls that run at once. Short ones have their threads beside them.
  private static let mostLong = 62
  /// Short calls of one batch.
  private static let mostTogether = 32

  private let state = Monitor(State())
  private let limit: Int
  private let batches: Int
  private let evaluator: CallEvaluator
  private let company = Company()

  /// - Parameters:
  ///   - limit: calls that may wait; more are refused.
  ///   - cores: how many cores the engine works on.
  init(limit: Int, cores: Int, evaluator: CallEvaluator) {
    self.limit = limit
    // Not more than cores, although a core idles for a moment while answers are on their way to their sessions:
    // more batches at once are smaller, and push each other off the cores and out of their caches. (Measured with
    // eight sessions on two cores: 73 % of the engine's rate with two batches, 65 % with three.)
    batches = max(cores, 1)
    self.evaluator = evaluator
  }

  /// Calls that wait for a thread.
  var waitingCount: Int { state.withLock { $0.waitingCount } }

  /// Computes a call on the calling thread, where that is quicker than handing it over: a tiny text, and nobody
  /// else about. Two changes of threads cost a tenth of such a call.
  ///
  /// - Parameter session: who calls. While a call runs here, others can't even arrive; so it is by changes of the
  ///   session that company shows.
  /// - Returns: whether it was computed.
  func runHere(_ attempt: CallAttempt, session: Int32) -> Bool {
    guard attempt.request.isTiny else { return false }
    let mayRun = state.withLock { state in
      let others = state.running.count + state.waitingCount + (state.lastSession == session ? 0 : 1)
      state.lastSession = session
      let isAlone = company.isAlone(others: others)
      guard isAlone, !state.isStopped else { return false }
      state.begin([attempt])
      return true
    }
    guard mayRun else { return false }
    evaluator.evaluate([attempt])
    finish([attempt], isIdle: false)
    return true
  }

  func submit(_ attempt: CallAttempt) throws(WireError) {
    let fault = state.signal(all: false) { state -> WireError? in
      if state.isStopped { return WireError(.administratorShutdown, "the bridge is stopping") }
      guard state.waitingCount < limit else {
        return WireError(
          .insufficientResources, "the bridge has \(limit) calls waiting and takes no more just now",
          hint: "Try again later, call with arrays, or start the bridge with a larger --max-waiting.")
      }
      if attempt.request.isShort { state.short.append(attempt) } else { state.long.append(attempt) }
      if state.needsThread(batches: batches) {
        if WorkerThread.start({ [self] in work() }) {
          state.threads += 1
          state.idle += 1
        } else if state.threads == 0 {
          state.short = []
          state.long = []
          return WireError(.insufficientResources, "the system gives the bridge no thread")
        }
      }
      return nil
    }
    if let fault { throw fault }
  }

  /// Lets no more calls in, cancels what waits and what runs.
  func stop() {
    let attempts = state.signal { state in
      state.isStopped = true
      defer {
        state.short = []
        state.long = []
      }
      return state.all
    }
    let error = WireError(.administratorShutdown, "the bridge is stopping")
    for attempt in attempts {
      attempt.cancel(error)
      attempt.finish(.failure(error))
    }
  }

  /// Cancels calls whose time is up, and ends those that were cancelled while they waited. Called often.
  func sweep(now: UInt64) {
    let overdue = state.withLock { state in
      state.all.filter { $0.deadline < now && !$0.isCancelled }
    }
    for attempt in overdue {
      attempt.cancel(
        WireError(
          .queryCanceled, "\(attempt.request.target.entry.name): the call took longer than the bridge allows",
          hint: "Start the bridge with a larger --call-timeout, or call with fewer or shorter texts."))
    }
    for attempt in state.withLock({ $0.takeCancelled() }) {
      attempt.finish(.failure(attempt.cancellation ?? .cancelled))
    }
  }

  private func work() {
    while true {
      let taken = state.wait { state -> [CallAttempt]? in
        let taken = state.isStopped ? [] : state.next(batches: batches)
        guard state.isStopped || !taken.isEmpty else { return nil }
        state.idle -= 1
        return taken
      }
      if taken.isEmpty { break }
      evaluator.evaluate(taken)
      finish(taken, isIdle: true)
    }
    state.withLock { $0.threads -= 1 }
  }

  /// Notes the end of calls, and wakes a thread where others gathered meanwhile. One that is woken for nothing takes a
  /// core from those that compute.
  ///
  /// - Parameter isIdle: whether the calling thread is one of the pool's.
  private func finish(_ taken: [CallAttempt], isIdle: Bool) {
    let hasMore = state.withLock { state in
      state.finish(taken)
      if isIdle { state.idle += 1 }
      return state.waitingCount > 0
    }
    if hasMore { state.signal(all: false) { _ in } }
  }
}
