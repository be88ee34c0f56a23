import Synchronization

/// Numbers of pieces of work, handed to whoever asks next.
///
/// Threads: any.
package final class TileQueue: Sendable {
  private let count = Atomic<Int>(0)

  package init() {}

  package func next(below end: Int) -> Int? {
    let index = count.add(1, ordering: .relaxed).oldValue
    return index < end ? index : nil
  }
}
