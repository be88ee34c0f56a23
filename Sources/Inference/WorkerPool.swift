import Diagnostics
import Tensor
import Threads

/// One thread a core, each running batches on its own core (throughput mode).
///
/// Threads: the workers are plain POSIX threads, because they must start inside any host and be gone before
/// the host's exit destroys the libraries under them. They touch only what the batcher hands them.
final class WorkerPool: Sendable {
  private let running = Monitor(0)

  /// - Throws: `.unavailable` when the system gives no thread at all.
  init(workers: Int, batcher: Batcher) throws(SibylError) {
    for _ in 0..<max(workers, 1) {
      running.withLock { $0 += 1 }
      let isStarted = WorkerThread.start { [running] in
        Workspace.setCoresPerProduct(1)
        while let slices = batcher.take() { BatchRun.run(slices) }
        running.signal { $0 -= 1 }
      }
      if !isStarted { running.signal { $0 -= 1 } }
    }
    guard running.withLock({ $0 > 0 }) else {
      throw SibylError(
        .unavailable, "could not start a thread; raise the limit on processes (ulimit -u) and try again")
    }
  }

  /// Waits until the workers have ended; at most `milliseconds`, since a host's exit must not hang.
  func waitForEnd(milliseconds: Int) {
    _ = running.wait(milliseconds: milliseconds) { $0 == 0 ? true : nil }
  }
}
