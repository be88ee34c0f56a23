import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Uninitialised memory aligned to a cache line, freed with its owner.
///
/// Threads: none of its own; whoever holds it decides who may touch the memory.
final class AlignedBuffer<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) throws(SibylError) {
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    var memory: UnsafeMutableRawPointer?
    guard !overflow, bytes > 0, posix_memalign(&memory, 64, bytes) == 0, let memory else {
      throw SibylError(
        .unavailable, "could not get \(bytes) bytes of memory; close other programs or use a smaller model")
    }
    base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  deinit { free(base) }
}
