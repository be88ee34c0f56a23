import Diagnostics
import Functions
import PostgresWire
import Threads

/// The threads on which calls are computed, and the bounded queue before them.
///
/// A thread computes one call at a time; the engine below puts what several threads ask for at the same moment
/// into common batches. So there are more threads than cores, and no batching here.
///
/// Threads: any may submit. Threads start when calls wait and none is free, end with `stop`, and keep the pool
/// alive until then.
final class CallPool: Sendable {
  private struct State {
    var waiting: [CallAttempt] = []
    var head = 0
    var threads = 0
    var idle = 0
    var running: [ObjectIdentifier: CallAttempt] = [:]
    var isStopped = false

    var waitingCount: Int { waiting.count - head }

    mutating func next() -> CallAttempt? {
      guard head < waiting.count else { return nil }
      defer {
        head += 1
        if head == waiting.count || head > 512 {
          waiting.removeFirst(head)
          head = 0
        }
      }
      return waiting[head]
    }
  }

  private static let maximumThreads = 64

  private let state = Monitor(State())
  private let limit: Int
  private let evaluator: CallEvaluator

  init(limit: Int, evaluator: CallEvaluator) {
    self.limit = limit
    self.evaluator = evaluator
  }

  /// Calls that wait for a thread.
  var waitingCount: Int { state.withLock { $0.waitingCount } }

  func submit(_ attempt: CallAttempt) throws(WireError) {
    let fault = state.signal(all: false) { state -> WireError? in
      if state.isStopped { return WireError(.administratorShutdown, "the bridge is stopping") }
      guard state.waitingCount < limit else {
        return WireError(
          .insufficientResources, "the bridge has \(limit) calls waiting and takes no more just now",
          hint: "Try again later, call with arrays, or start the bridge with a larger --max-waiting.")
      }
      state.waiting.append(attempt)
      if state.idle < state.waitingCount, state.threads < Self.maximumThreads {
        if WorkerThread.start({ [self] in work() }) {
          state.threads += 1
        } else if state.threads == 0 {
          _ = state.waiting.popLast()
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
      let all = Array(state.waiting[state.head...]) + Array(state.running.values)
      state.waiting = []
      state.head = 0
      return all
    }
    let error = WireError(.administratorShutdown, "the bridge is stopping")
    for attempt in attempts {
      attempt.cancel(error)
      attempt.finish(.failure(error))
    }
  }

  /// Cancels calls whose time is up.
  func cancelOverdue(now: UInt64) {
    let overdue = state.withLock { state in
      (state.waiting[state.head...] + Array(state.running.values)).filter { $0.deadline < now && !$0.isCancelled }
    }
    for attempt in overdue {
      attempt.cancel(
        WireError(
          .queryCanceled, "\(attempt.request.target.entry.name): the call took longer than the bridge allows",
          hint: "Start the bridge with a larger --call-timeout, or call with fewer or shorter texts."))
    }
  }

  private func work() {
    while true {
      let attempt = state.wait { state -> CallAttempt?? in
        if let attempt = state.next() {
          state.running[ObjectIdentifier(attempt)] = attempt
          return .some(attempt)
        }
        if state.isStopped { return .some(nil) }
        return nil
      }
      guard let attempt else { break }
      attempt.finish(evaluator.evaluate(attempt))
      state.withLock { _ = $0.running.removeValue(forKey: ObjectIdentifier(attempt)) }
    }
    state.withLock { $0.threads -= 1 }
  }
}
