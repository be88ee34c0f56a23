/// How many calls of a function a bulk job met, and what became of them.
public struct CallCounts: Hashable, Sendable {
  /// Calls that were made.
  public var calls = 0
  /// Different calls among all that were seen.
  public var distinct = 0
  /// Different calls whose answer was in the cache when they were first seen.
  public var cached = 0
  /// Different calls that were computed.
  public var computed = 0
  /// Different calls that could not be answered. The statement itself will raise their errors, if it really makes
  /// these calls: in collecting mode a NULL can stand where an argument will be.
  public var failed = 0

  public init() {}

  public static func + (left: CallCounts, right: CallCounts) -> CallCounts {
    var sum = left
    sum.calls += right.calls
    sum.distinct += right.distinct
    sum.cached += right.cached
    sum.computed += right.computed
    sum.failed += right.failed
    return sum
  }
}
