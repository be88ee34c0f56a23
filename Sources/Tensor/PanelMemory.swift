import Diagnostics
import Threads

/// One piece of memory for the int8 weights of all layers of a model, in large pages where the system has them: a pass
/// walks through all of it, and through more small pages than a core remembers the places of. (Measured on one core of
/// a Cascade Lake: the products of MiniLM's layers take 4 to 9% less time with 12 to 56 rows; whole large batches showed
/// no difference.)
///
/// Threads: safe for any number. Slices do not overlap.
package final class PanelMemory: @unchecked Sendable {
  private let buffer: AlignedBuffer<Int8>
  private let used = Guarded(0)

  /// - Parameter capacity: bytes.
  package init(capacity: Int) throws(SibylError) { buffer = try AlignedBuffer(count: capacity) }

  /// Bytes that begin a cache line and belong to the caller for as long as this memory lives; nil where fewer are left.
  package func take(_ count: Int) -> UnsafeMutablePointer<Int8>? {
    used.withLock { used in
      let (end, overflow) = used.addingReportingOverflow(count)
      guard count >= 0, !overflow, end <= buffer.count else { return nil }
      defer { used = min(buffer.count, (end + 63) / 64 * 64) }
      return buffer.base + used
    }
  }
}
