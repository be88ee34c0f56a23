import Diagnostics
import Synchronization
import Threads

/// Computes many calls in slices, two of them at a time: while the last answers of one are still being written, the
/// next one keeps the engine busy.
///
/// Threads: owned by one, which hands out the slices and takes what comes back. They are computed on two others, which
/// last as long as `run`: memory that a thread has freed is only used again by the same one, as glibc keeps it.
final class CallPipeline {
  struct Slice: Sendable {
    /// What the owner knows the function by.
    let site: Int
    let function: AIFunction
    let calls: [PreparedCall]
  }

  struct Finished: Sendable {
    let slice: Slice
    let results: [Result<Value, SibylError>]
    let seconds: Double
  }

  /// Tells the slices under way that nobody wants their answers any more.
  private final class StopSign: FunctionHost, Sendable {
    private let isRaised = Atomic<Bool>(false)

    var isUp: Bool { isRaised.load(ordering: .acquiring) }
    var isCancelled: (() -> Bool)? { { self.isUp } }

    func raise() { isRaised.store(true, ordering: .releasing) }
  }

  private struct State {
    var waiting: [Slice] = []
    var finished: [Finished] = []
    var isClosed = false
  }

  private static let slicesAtOnce = 2

  private let evaluator: Evaluator
  private let state = Monitor(State())
  private var threads = 0

  init(evaluator: Evaluator) { self.evaluator = evaluator }

  /// Computes slices until there are no more.
  ///
  /// - Parameters:
  ///   - next: the next slice; nil where there is none.
  ///   - take: gets each slice's answers; what it throws ends the work.
  ///   - shouldStop: asked every few milliseconds. A true answer ends the work within moments: what is not done of the
  ///     slices under way fails with `.cancelled`.
  /// - Returns: whether it went on to the end.
  func run(
    next: () -> Slice?, take: (Finished) throws(SibylError) -> Void, shouldStop: () -> Bool
  ) throws(SibylError) -> Bool {
    let sign = StopSign()
    defer { state.signal { $0.isClosed = true } }
    var running = 0
    var hasMore = true
    var failure: SibylError?
    while true {
      if !sign.isUp, shouldStop() { sign.raise() }
      while hasMore, !sign.isUp, running < Self.slicesAtOnce {
        guard let slice = next() else {
          hasMore = false
          break
        }
        running += 1
        begin(slice, sign)
      }
      guard running > 0 else { break }
      let batch = state.wait(milliseconds: 10) { state -> [Finished]? in
        guard !state.finished.isEmpty else { return nil }
        defer { state.finished = [] }
        return state.finished
      }
      for one in batch ?? [] {
        running -= 1
        do throws(SibylError) {
          guard failure == nil else { continue }
          try take(one)
        } catch {
          failure = error
          sign.raise()
        }
      }
    }
    if let failure { throw failure }
    return !sign.isUp
  }

  private func begin(_ slice: Slice, _ sign: StopSign) {
    let (evaluator, state) = (evaluator, state)
    let compute: @Sendable (Slice) -> Void = { slice in
      let start = MonotonicClock.seconds
      let results = evaluator.answer(slice.function, slice.calls, host: sign)
      let seconds = MonotonicClock.seconds - start
      state.signal { $0.finished.append(Finished(slice: slice, results: results, seconds: seconds)) }
    }
    if threads < Self.slicesAtOnce {
      let isStarted = WorkerThread.start {
        while let slice = Self.next(state) { compute(slice) }
      }
      if isStarted { threads += 1 }
    }
    // A system that gives no thread leaves the work to the caller's.
    guard threads > 0 else { return compute(slice) }
    state.signal { $0.waiting.append(slice) }
  }

  /// The next slice for a thread; nil where there will be none.
  private static func next(_ state: Monitor<State>) -> Slice? {
    state.wait { state -> Slice?? in
      if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
      return state.isClosed ? .some(nil) : nil
    }
  }
}
