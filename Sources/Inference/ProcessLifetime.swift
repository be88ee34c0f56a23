import Synchronization

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
  private static let childStates = Mutex<(forks: Int, engine: InferenceEngine?)>((0, nil))

  static func engine() -> InferenceEngine {
    let generation = forks.load(ordering: .acquiring)
    if generation > 0 { return childEngine(generation) }
    return state.withLock { state in
      if let engine = state.engine { return engine }
      if !state.isRegistered {
        state.isRegistered = true
        atexit { ProcessLifetime.stop() }
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

  private static func stop() {
    if forks.load(ordering: .acquiring) > 0 {
      childStates.withLock { $0.engine }?.stop()
    } else {
      state.withLock { $0.engine }?.stop()
    }
  }
}
