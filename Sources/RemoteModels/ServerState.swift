import Diagnostics
import ModelFiles
import Threads

/// What this process knows of a server, whoever asks it: requests under way, whether it is down, which form of the
/// interface it speaks, and connections that nobody uses at the moment.
///
/// Threads: any.
final class ServerState: Sendable {
  private struct State {
    var underWay = 0
    var breaker = CircuitBreaker()
    var dialects: [String: ServerDialect] = [:]
    var idle: [Transfers] = []
  }

  private let state = Guarded(State())

  private static let states = Guarded<[String: ServerState]>([:])
  private static let mostIdle = 16

  /// The state of the server at an address.
  static func shared(for address: ServerAddress) -> ServerState {
    states.withLock { states in
      if let known = states[address.text] { return known }
      let made = ServerState()
      states[address.text] = made
      return made
    }
  }

  // MARK: Bounded concurrency

  /// Takes the right to have one more request under way; the answer false says that there are enough.
  func tryBegin(most: Int) -> Bool {
    state.withLock { state in
      guard state.underWay < most else { return false }
      state.underWay += 1
      return true
    }
  }

  func end() { state.withLock { $0.underWay -= 1 } }

  // MARK: The breaker

  func permission() -> CircuitBreaker.Permission {
    state.withLock { $0.breaker.permission(now: MonotonicClock.seconds) }
  }
  func succeeded() { state.withLock { $0.breaker.succeeded() } }
  func failed() { state.withLock { $0.breaker.failed(now: MonotonicClock.seconds) } }
  func abandoned() { state.withLock { $0.breaker.abandoned(now: MonotonicClock.seconds) } }

  // MARK: What it speaks

  func dialect(of model: String) -> ServerDialect {
    state.withLock { $0.dialects[model] ?? ServerDialect() }
  }
  func note(_ dialect: ServerDialect, of model: String) { state.withLock { $0.dialects[model] = dialect } }

  // MARK: Connections

  func takeTransfers() throws(SibylError) -> Transfers {
    while let idle = state.withLock({ $0.idle.popLast() }) {
      if idle.isOwn { return idle }
    }
    return try Transfers()
  }

  func giveBack(_ transfers: Transfers) {
    guard transfers.count == 0 else { return }
    state.withLock { if $0.idle.count < Self.mostIdle { $0.idle.append(transfers) } }
  }
}
