import Diagnostics
import Synchronization
import Threads

/// Computes many calls in slices, two of them at a time: while the last answers of one are still being written, the
/// next one keeps the engine busy.
///
/// Threads: owned by one, which hands out the slices and takes what comes back; each slice is computed on a thread of
/// its own.
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

  private static let slicesAtOnce = 2

  private let evaluator: Evaluator
  private let finished = Monitor<[Finished]>([])

  init(evaluator: Evaluator) { self.evaluator = evaluator }

  /// Computes slices until there are no more.
  ///
  /// - Parameters:
  ///   - next: the next slice; nil where there is none.
  ///   - take: gets each slice's answers; what it throws ends the work.
  ///   - shouldStop: asked every few milliseconds. A true answer ends the work within moments: slices under way fail
  ///     with `.cancelled` and are not passed to `take`.
  /// - Returns: whether all slices that were begun were taken.
  func run(
    next: () -> Slice?, take: (Finished) throws(SibylError) -> Void, shouldStop: () -> Bool
  ) throws(SibylError) -> Bool {
    let sign = StopSign()
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
      let batch = finished.wait(milliseconds: 10) { finished -> [Finished]? in
        guard !finished.isEmpty else { return nil }
        defer { finished = [] }
        return finished
      }
      for one in batch ?? [] {
        running -= 1
        do throws(SibylError) {
          guard failure == nil, !Self.wasCancelled(one) else { continue }
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
    let (evaluator, finished) = (evaluator, finished)
    let compute: @Sendable () -> Void = {
      let start = MonotonicClock.seconds
      let results = evaluator.answer(slice.function, slice.calls, host: sign)
      let seconds = MonotonicClock.seconds - start
      finished.signal { $0.append(Finished(slice: slice, results: results, seconds: seconds)) }
    }
    if !WorkerThread.start(compute) { compute() }
  }

  private static func wasCancelled(_ finished: Finished) -> Bool {
    guard case .failure(let error)? = finished.results.first else { return false }
    return error.kind == .cancelled
  }
}
