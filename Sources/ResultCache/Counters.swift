import Threads

/// Counts of one cache since the process began.
///
/// Rule: the variables are touched only under `lock`.
final class Counters: @unchecked Sendable {
  private let lock = Lock()
  private var misses = 0
  private var stores = 0

  func add(misses: Int = 0, stores: Int = 0) {
    lock.withLock {
      self.misses &+= misses
      self.stores &+= stores
    }
  }

  var values: (misses: Int, stores: Int) { lock.withLock { (misses, stores) } }
}
