import Threads

/// What the bridge has done, for `sibyl.status`.
///
/// Threads: any.
final class BridgeCounters: Sendable {
  struct Totals: Sendable {
    var requests = 0
    var answered = 0
    /// Answers a second over the last ten seconds.
    var rowsPerSecond = 0.0
  }

  private struct State {
    var requests = 0
    var answered = 0
    /// Answers given in each of the last seconds, by the second's number.
    var seconds: [(second: UInt64, rows: Int)] = []
  }

  private static let window: UInt64 = 10
  private let state = Guarded(State())
  let started = MonotonicClock.seconds

  func addRequest() { state.withLock { $0.requests += 1 } }

  func add(answered rows: Int) {
    let second = MonotonicClock.nanoseconds / 1_000_000_000
    state.withLock { state in
      state.answered += rows
      if state.seconds.last?.second == second {
        state.seconds[state.seconds.count - 1].rows += rows
      } else {
        state.seconds.removeAll { $0.second + Self.window < second }
        state.seconds.append((second, rows))
      }
    }
  }

  var totals: Totals {
    let second = MonotonicClock.nanoseconds / 1_000_000_000
    return state.withLock { state in
      let recent = state.seconds.filter { $0.second + Self.window >= second }
      let rows = recent.reduce(0) { $0 + $1.rows }
      let span = recent.first.map { second - $0.second + 1 } ?? 1
      return Totals(
        requests: state.requests, answered: state.answered, rowsPerSecond: Double(rows) / Double(span))
    }
  }
}
