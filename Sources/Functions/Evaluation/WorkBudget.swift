import Threads

/// What a bulk job may spend before it stops by itself. What was computed until then is kept, so the same job run again
/// goes on behind it.
public struct WorkBudget: Hashable, Sendable {
  /// Different calls that may be computed; nil for any number.
  public var maximumCalls: Int?
  /// Seconds from the job's beginning; nil for any time.
  public var maximumSeconds: Double?

  public init(maximumCalls: Int? = nil, maximumSeconds: Double? = nil) {
    self.maximumCalls = maximumCalls
    self.maximumSeconds = maximumSeconds
  }

  /// What ended a job.
  public enum Limit: String, Hashable, Sendable {
    case calls = "max_calls"
    case seconds = "max_seconds"
  }
}

/// Keeps account of a budget while it is spent.
///
/// Owned by one thread at a time.
public final class BudgetMeter {
  private let budget: WorkBudget
  private let start = MonotonicClock.seconds
  private var handedOut = 0

  /// Begins the budget's time.
  public init(_ budget: WorkBudget) { self.budget = budget }

  /// Whether there is a largest number of calls.
  var limitsCalls: Bool { budget.maximumCalls != nil }

  /// Whether the time is over.
  var isOverTime: Bool {
    guard let maximum = budget.maximumSeconds else { return false }
    return MonotonicClock.seconds - start >= maximum
  }

  /// How many of the wanted calls may be begun now.
  ///
  /// - Parameter rate: calls a second, as far as known: so many calls are allowed as should be done in half of the
  ///   time that is left, because the rate is a guess and the limit is a promise.
  func allowance(wanted: Int, rate: Double?) -> (calls: Int, limit: WorkBudget.Limit?) {
    var calls = wanted
    if let maximum = budget.maximumCalls {
      calls = min(calls, max(0, maximum - handedOut))
      if calls == 0 { return (0, .calls) }
    }
    if let maximum = budget.maximumSeconds {
      let left = maximum - (MonotonicClock.seconds - start)
      let affordable = left > 0 ? min((rate ?? 8) * left / 2, Double(wanted)) : 0
      calls = min(calls, Int(affordable))
      if calls == 0 { return (0, .seconds) }
    }
    return (calls, nil)
  }

  /// Notes that calls are being computed.
  func note(_ calls: Int) { handedOut += calls }
}
