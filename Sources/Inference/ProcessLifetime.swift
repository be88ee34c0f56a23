import Synchronization
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ties the engine to the life of the process: one engine, stopped at exit, replaced in a forked child.
///
/// The engine is never freed: a thread of the host may still be inside it when the process ends.
enum ProcessLifetime {
  private struct State {
    var engine: InferenceEngine?
    var isRegistered = false
  }
  private static let state = Monitor(State())
  /// Set in a child by `fork`, where the parent's threads and perhaps its held locks are gone: everything
  /// of the parent's engine is then left alone.
  private static let forks = Atomic<Int>(0)
  private static let childStates = Guarded<(forks: Int, engine: InferenceEngine?)>((0, nil))

  static func engine() -> InferenceEngine {
    let generation = forks.load(ordering: .acquiring)
    if generation > 0 { return childEngine(generation) }
    return state.withLock { state in
      if let engine = state.engine { return engine }
      if !state.isRegistered {
        state.isRegistered = true
        stopAtExit()
        #if canImport(Glibc)
          pthread_atfork(nil, nil, { ProcessLifetime.noteFork() })
        #endif
      }
      let engine = InferenceEngine()
      state.engine = engine
      return engine
    }
  }

  private static func childEngine(_ generation: Int) -> InferenceEngine {
    childStates.withLock { state in
      if state.forks == generation, let engine = state.engine { return engine }
      let engine = InferenceEngine()
      state = (generation, engine)
      return engine
    }
  }

  fileprivate static func noteFork() { forks.add(1, ordering: .releasing) }

  private static let kernelsNoted = Atomic<Int>(0)

  /// Called after a pass, with the number of kernels compiled so far: lets the engine stop before anything is
  /// torn down that the pass set up.
  ///
  /// Exit handlers run in the reverse order of their registration, and oneDNN registers some of its own when a
  /// kernel first runs: they free code that another thread may be running. So the engine's handler is registered
  /// once more whenever kernels were added; stopping twice does no harm.
  static func noteKernels(_ count: Int) {
    if kernelsNoted.load(ordering: .relaxed) == count { return }
    kernelsNoted.store(count, ordering: .relaxed)
    stopAtExit()
  }

  private static func stopAtExit() { atexit { ProcessLifetime.stop() } }

  private static func stop() {
    if forks.load(ordering: .acquiring) > 0 {
      childStates.withLock { $0.engine }?.stop()
    } else {
      state.withLock { $0.engine }?.stop()
    }
  }
}
