import PostgresClient
import Synchronization
import Threads

/// Cancels the statements of several connections once the user wants to stop.
///
/// Threads: connections may be added from any; a thread of its own asks whether to stop.
final class CancellationWatch: Sendable {
  private let cancellers = Guarded<[PostgresCanceller]>([])
  private let hasEnded = Atomic<Bool>(false)

  init(_ isCancelled: @escaping @Sendable () -> Bool) {
    _ = WorkerThread.start(stackSize: 256 << 10) { [self] in
      while !hasEnded.load(ordering: .acquiring) {
        MonotonicClock.sleep(milliseconds: 50)
        // Again and again, since a statement may just have been about to begin.
        if isCancelled() { for canceller in cancellers.withLock({ $0 }) { canceller.cancel() } }
      }
    }
  }

  func add(_ canceller: PostgresCanceller?) {
    guard let canceller else { return }
    cancellers.withLock { $0.append(canceller) }
  }

  func end() { hasEnded.store(true, ordering: .releasing) }
}
