import Diagnostics
import Models
import Sampling
import Tensor
import Threads

/// Runs a decoder for everybody who has texts written: many prompts in one batch, which they join and leave from step
/// to step (continuous batching, Yu et al. 2022), so that the cores are never left with a few stragglers.
///
/// What is written depends on the prompt and the options alone, not on the company in the batch.
///
/// Threads: any may submit. One thread of its own runs the steps, with the engine's other cores helping it; it starts
/// with the first request and ends when there has been nothing to do for a while.
final class Generator: Sendable {
  private struct State {
    var queue = GenerationQueue()
    var isRunning = false
    var counters = GenerationCounters()
  }

  private let state = Monitor(State())
  private let model: DecoderModel
  private let cache: KeyValueCache
  private let perform: GenerationLoop.Perform
  /// The loop while no thread runs it, with the beginnings that it keeps for the next call.
  private let idleLoop = Guarded<Loan?>(nil)

  // A loop goes from thread to thread, but only through the lock above.
  private struct Loan: @unchecked Sendable { let loop: GenerationLoop }

  /// How long the thread waits for more before it ends.
  private static let patience = 200

  /// - Parameter perform: runs a step with the cores that are free, or throws where the process is exiting.
  init(_ model: DecoderModel, cache: KeyValueCache, perform: @escaping GenerationLoop.Perform) {
    self.model = model
    self.cache = cache
    self.perform = perform
  }

  var counters: GenerationCounters { state.withLock { $0.counters } }

  /// - Throws: `.unavailable` when the system gives no thread.
  func submit(_ request: GenerationRequest) throws(SibylError) {
    let isStarted = state.signal { state -> Bool in
      state.queue.append(request)
      if state.isRunning { return true }
      state.isRunning = WorkerThread.start { [self] in work() }
      if !state.isRunning { state.queue = GenerationQueue() }
      return state.isRunning
    }
    guard isStarted else {
      throw SibylError(
        .unavailable, "could not start a thread; raise the limit on processes (ulimit -u) and try again")
    }
  }

  private func work() {
    let loop: GenerationLoop
    do throws(SibylError) {
      if let loan = idleLoop.withLock({ $0 }) {
        loop = loan.loop
      } else {
        loop = try GenerationLoop(model, cache: cache, perform: perform)
        let loan = Loan(loop: loop)
        idleLoop.withLock { $0 = loan }
      }
    } catch {
      // Nobody waits for ever: what is there fails, and what comes later begins anew.
      state.signal { state in
        while let item = state.queue.take() { item.request.finish(item.prompt, .failure(error)) }
        state.isRunning = false
      }
      return
    }
    while true {
      if loop.isIdle, !waitForWork() { return }
      while loop.hasRoom, let item = state.withLock({ $0.queue.take() }) { loop.admit(item) }
      loop.step { done in state.withLock { $0.counters.add(done) } }
    }
  }

  /// - Returns: false where there was nothing to do for a while, and the thread must end.
  private func waitForWork() -> Bool {
    let hasWork = state.wait(milliseconds: Self.patience) { $0.queue.isEmpty ? nil : true }
    if hasWork == true { return true }
    return state.withLock { state in
      if state.queue.isEmpty { state.isRunning = false }
      return state.isRunning
    }
  }
}
