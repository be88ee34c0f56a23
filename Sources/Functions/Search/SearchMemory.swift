import Diagnostics
import Synchronization

/// The bound on what the searched columns of all connections of this process occupy: `SIBYL_SEARCH_MEMORY`, in MiB,
/// by default 1024. A million vectors of 384 dimensions take 2 GB.
///
/// Threads: any.
package enum SearchMemory {
  package static let limit: Int = {
    let mebibytes = Environment["SIBYL_SEARCH_MEMORY"].flatMap { Int($0) } ?? 1_024
    return min(max(mebibytes, 0), 1 << 30) << 20
  }()

  private static let reserved = Atomic<Int>(0)

  /// Takes a share; false where that would exceed the limit.
  static func reserve(_ bytes: Int) -> Bool {
    guard reserved.add(bytes, ordering: .relaxed).newValue <= limit else {
      reserved.subtract(bytes, ordering: .relaxed)
      return false
    }
    return true
  }

  static func release(_ bytes: Int) { reserved.subtract(bytes, ordering: .relaxed) }
}
