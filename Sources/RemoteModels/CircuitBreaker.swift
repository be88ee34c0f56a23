/// Keeps a server that is down from being asked row by row (Nygard, "Release It!", 2007): after some requests in a row
/// that failed for good, it is left alone for a while; then one request tries it.
///
/// What the server answers at all, be it a refusal, is no failure here. Times are seconds on any one clock.
package struct CircuitBreaker: Sendable {
  package enum Permission: Hashable, Sendable {
    case granted
    /// Somebody is trying the server.
    case wait
    /// The server is left alone for so many seconds.
    case refused(seconds: Double)
  }

  private enum State {
    case closed(failures: Int)
    case open(until: Double, pause: Double)
    case trial(pause: Double)
  }

  /// Failures in a row that are too many.
  package static let mostFailures = 3
  /// Seconds that the server is left alone, at first and at most.
  package static let firstPause = 10.0
  package static let longestPause = 120.0

  private var state = State.closed(failures: 0)

  package init() {}

  /// Whether a request may be sent; where it is granted, `succeeded`, `failed` or `abandoned` must follow.
  package mutating func permission(now: Double) -> Permission {
    switch state {
    case .closed: return .granted
    case .trial: return .wait
    case .open(let until, let pause):
      guard now >= until else { return .refused(seconds: until - now) }
      state = .trial(pause: pause)
      return .granted
    }
  }

  package mutating func succeeded() { state = .closed(failures: 0) }

  package mutating func failed(now: Double) {
    switch state {
    case .closed(let failures):
      state =
        failures + 1 < Self.mostFailures
        ? .closed(failures: failures + 1) : .open(until: now + Self.firstPause, pause: Self.firstPause)
    case .trial(let pause):
      let longer = min(pause * 2, Self.longestPause)
      state = .open(until: now + longer, pause: longer)
    // Requests that were under way when it opened.
    case .open: break
    }
  }

  /// A request came to no end, as its caller gave up.
  package mutating func abandoned(now: Double) {
    if case .trial(let pause) = state { state = .open(until: now, pause: pause) }
  }
}
