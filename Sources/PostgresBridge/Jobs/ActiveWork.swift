import Threads

/// Work that a thread of this process has leased and is at.
///
/// Threads: one works; the lease keeper, and whoever stops the process, take it away.
final class ActiveWork: Sendable {
  private struct State {
    var attempt: CallAttempt?
    var isWanted = true
    var renewed: Double
  }

  let work: LeasedWork
  private let state: Guarded<State>

  init(_ work: LeasedWork) {
    self.work = work
    state = Guarded(State(renewed: MonotonicClock.seconds))
  }

  /// Whether this process still has the lease, and wants to go on.
  var isWanted: Bool { state.withLock { $0.isWanted } }

  /// Ends the computation soon; nothing of it is written.
  func giveUp() {
    let attempt = state.withLock { state in
      state.isWanted = false
      return state.attempt
    }
    attempt?.cancel()
  }

  /// The computation that is to be cancelled with the work.
  func compute(_ attempt: CallAttempt) {
    let isWanted = state.withLock { state in
      state.attempt = attempt
      return state.isWanted
    }
    if !isWanted { attempt.cancel() }
  }

  /// Whether the lease is to be made longer: a third of it has passed.
  func needsRenewal(now: Double) -> Bool {
    state.withLock { $0.isWanted && now - $0.renewed > work.leaseSeconds / 3 }
  }

  func noteRenewal(_ now: Double) { state.withLock { $0.renewed = now } }
}
