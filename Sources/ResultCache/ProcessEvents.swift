import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tells the caches of this process when it forks and when it exits.
///
/// Rule: `parts` is touched only under `lock`, which `fork` holds from before to after, so that no cache comes
/// or goes meanwhile. The handlers stay registered for good: a program that holds them must not be unloaded.
final class ProcessEvents: @unchecked Sendable {
  /// What a cache consists of, kept apart from the cache itself so that a handler never revives a dying one.
  struct Parts {
    let memory: MemoryTier
    let claims: RequestClaims
    let disk: DiskTier?
    let writes: WriteBehind?
  }

  static let shared = ProcessEvents()

  private let lock = Lock()
  private var parts: [ObjectIdentifier: Parts] = [:]

  private init() {
    pthread_atfork(
      { ProcessEvents.shared.prepareFork() }, { ProcessEvents.shared.finishFork(isChild: false) },
      { ProcessEvents.shared.finishFork(isChild: true) })
    atexit { ProcessEvents.shared.exit() }
  }

  func add(_ added: Parts, for owner: ObjectIdentifier) { lock.withLock { parts[owner] = added } }
  func remove(_ owner: ObjectIdentifier) { lock.withLock { parts[owner] = nil } }

  private func prepareFork() {
    lock.lock()
    for part in parts.values {
      part.claims.prepareFork()
      part.writes?.prepareFork()
      part.disk?.prepareFork()
      part.memory.lockAll()
    }
  }

  private func finishFork(isChild: Bool) {
    for part in parts.values {
      part.memory.unlockAll()
      part.disk?.finishFork(isChild: isChild)
      part.writes?.finishFork(isChild: isChild)
      part.claims.finishFork(isChild: isChild)
    }
    lock.unlock()
  }

  /// Queued results are committed before the process ends, unless that takes longer than a few seconds, and the file
  /// is left without a log.
  private func exit() {
    let all = lock.withLock { Array(parts.values) }
    for part in all {
      part.writes?.stop(timeoutMilliseconds: 4000)
      part.disk?.close()
    }
  }
}
