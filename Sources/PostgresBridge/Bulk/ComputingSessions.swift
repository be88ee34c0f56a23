import Diagnostics
import PostgresClient
import Synchronization
import Threads

/// Sessions of the database that have collected calls computed: each takes a batch, asks, and takes the next.
///
/// Threads: each session has a thread and a connection of its own. `end` waits for them.
final class ComputingSessions: Sendable {
  private struct State {
    var running = 0
    var failure: PostgresError?
    var failures = 0
  }

  private let calls: CollectedCalls
  private let watch: CancellationWatch
  private let state = Monitor(State())

  init(count: Int, dsn: PostgresDSN, calls: CollectedCalls, watch: CancellationWatch) throws(PostgresError) {
    self.calls = calls
    self.watch = watch
    for _ in 0..<count {
      state.withLock { $0.running += 1 }
      let isStarted = WorkerThread.start { [self] in
        work(dsn)
        state.signal { $0.running -= 1 }
      }
      if !isStarted {
        state.withLock { $0.running -= 1 }
        end()
        throw PostgresError(SibylError(.unavailable, "the system gives this process no thread"))
      }
    }
  }

  /// What ended the sessions; nil while they work.
  var failure: PostgresError? { state.withLock { $0.failure } }
  var haveFailed: Bool { failure != nil }
  /// Batches whose calls can't be computed, whoever asks.
  var failures: Int { state.withLock { $0.failures } }

  func end() {
    calls.close()
    _ = state.wait { $0.running == 0 ? true : nil }
  }

  private func work(_ dsn: PostgresDSN) {
    do throws(PostgresError) {
      let connection = try PostgresConnection(dsn, applicationName: "sibyl run, computing")
      watch.add(connection.canceller())
      while let batch = calls.take() {
        do throws(PostgresError) {
          try connection.query(
            "SELECT sibyl.prefetch_batch($1, $2::text[], $3::text[])",
            [.text(batch.function), .texts(batch.texts), .texts(batch.others)])
        } catch {
          // A wrong argument is the statement's to tell, when it runs; anything else ends the work.
          guard error.error.kind == .invalidArgument, !error.isConnectionLost else { throw error }
          state.withLock { $0.failures += batch.texts.count }
        }
        calls.finish(batch)
      }
    } catch {
      state.withLock { if $0.failure == nil { $0.failure = error } }
      calls.close()
    }
  }
}
