import Diagnostics
import Functions
import PostgresWire
import Synchronization
import Threads

/// One computation of a call, under way on a thread of the pool.
///
/// Threads: any. The outcome is set once, by the pool or by whoever cancels first.
final class CallAttempt: Sendable {
  typealias Outcome = Result<CallOutcome, WireError>

  private struct State {
    var outcome: Outcome?
    var error: WireError?
    var progress: String?
    var observers: [@Sendable (Outcome) -> Void] = []
  }

  let request: CallRequest
  /// When the call must have ended, on the monotonic clock (nanoseconds).
  let deadline: UInt64
  private let state = Guarded(State())
  private let cancelled = Atomic<Bool>(false)

  init(_ request: CallRequest, deadline: UInt64) {
    self.request = request
    self.deadline = deadline
  }

  /// Asked by the engine every few milliseconds.
  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// Lets the computation end soon; its outcome is `error`.
  func cancel(_ error: WireError = .cancelled) {
    state.withLock { if $0.error == nil { $0.error = error } }
    cancelled.store(true, ordering: .releasing)
  }

  /// Notes how far the computation is, for a caller who waits for minutes.
  func tell(_ progress: String) { state.withLock { $0.progress = progress } }

  var progress: String? { state.withLock { $0.progress } }

  /// Why the attempt was cancelled.
  var cancellation: WireError? { state.withLock { $0.error } }

  func finish(_ outcome: Outcome) {
    let observers = state.withLock { state -> [@Sendable (Outcome) -> Void] in
      guard state.outcome == nil else { return [] }
      state.outcome = outcome
      defer { state.observers = [] }
      return state.observers
    }
    for observer in observers { observer(outcome) }
  }

  var outcome: Outcome? { state.withLock { $0.outcome } }

  /// Calls `observer` once with the outcome: now where it is there, otherwise on the thread that brings it.
  func whenFinished(_ observer: @escaping @Sendable (Outcome) -> Void) {
    let outcome = state.withLock { state -> Outcome? in
      if state.outcome == nil { state.observers.append(observer) }
      return state.outcome
    }
    if let outcome { observer(outcome) }
  }
}

/// What a call answers.
enum CallOutcome: Sendable {
  /// One value a row of the request.
  case values([Value])
  /// One value or failure a row of a request that `tellsEachFailure`.
  case results([Result<Value, SibylError>])
  case rows([AITable.Row])
  /// One value, and what the database is to store.
  case stored(Value, results: [String])
}
