import Synchronization
import Threads

/// Whether a caller has the engine to himself, and may take all cores for one request.
///
/// Callers that come and go together are not alone between two requests: cores that help one of them would be
/// missing for the other, who comes a moment later.
///
/// Threads: any.
package struct Company: ~Copyable, Sendable {
  /// How long after the last company a caller counts as alone again.
  private static let nanoseconds: UInt64 = 20_000_000

  private let lastSeen = Atomic<UInt64>(0)

  package init() {}

  /// - Parameter others: requests under way beside this one.
  package func isAlone(others: Int) -> Bool {
    let now = MonotonicClock.nanoseconds
    guard others == 0 else {
      lastSeen.store(now, ordering: .relaxed)
      return false
    }
    let last = lastSeen.load(ordering: .relaxed)
    return last == 0 || now &- last > Self.nanoseconds
  }
}
