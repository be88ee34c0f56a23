import CSQLite
import Synchronization
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns Ctrl-C (SIGINT) and SIGTERM into a request to stop, so that finished work is kept.
///
/// The signals are blocked in all threads and received by one that does nothing else: no code runs in a signal
/// handler. The first signal asks the statement and the computation to stop; a second one ends the process.
package final class Interruption: Sendable {
  private struct State {
    var signal: Int32 = 0
    // Interrupting is the one call that another thread may make on a connection in use.
    nonisolated(unsafe) var connection: OpaquePointer?
  }

  private let state = Guarded(State())
  /// Read often, so without the lock: the signal that came, or 0.
  private let received = Atomic<Int32>(0)

  package init() {}

  /// Starts to listen. Call before the process has other threads: they inherit the blocked signals.
  package func listen() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    if !WorkerThread.start({ [self] in waitForSignals() }) {
      // Without a thread that receives them, the signals must end the process as usual.
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  private func waitForSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    while true {
      var number: Int32 = 0
      guard sigwait(&signals, &number) == 0 else { continue }
      if isRequested { _exit(128 + number) }
      received.store(number, ordering: .releasing)
      state.withLock { state in
        state.signal = number
        if let connection = state.connection { csqlite_interrupt(connection) }
      }
    }
  }

  /// Whether the user asked to stop.
  package var isRequested: Bool { received.load(ordering: .acquiring) != 0 }

  /// The exit status that a shell expects of a command that a signal stopped.
  package var exitStatus: Int32 { 128 + received.load(ordering: .acquiring) }

  /// Names the connection whose statements are to be interrupted; nil before it is closed.
  package func watch(_ connection: OpaquePointer?) {
    nonisolated(unsafe) let connection = connection
    state.withLock { $0.connection = connection }
  }
}
