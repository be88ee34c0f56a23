import Diagnostics
import Inference
import JSON
import Synchronization
import Tensor
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reading memory and nothing else, on every core at once: no search that looks at so many bytes can be faster than
/// this. The reader is the C library's `memchr`, which finds nothing.
struct MemoryLimitBenchmark {
  /// All cores' together.
  let bytes: Int
  let seconds: Double

  /// - Returns: bytes a second, and milliseconds for one reading of all bytes.
  func run() throws(SibylError) -> JSON {
    let cores = InferenceEngine.shared.cores
    let share = max(bytes / cores, 1)
    let seconds = seconds
    let total = Guarded(0.0)
    let ready = Atomic<Int>(0)
    let left = Atomic<Int>(cores)
    for _ in 0..<cores {
      let isStarted = WorkerThread.start {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: share, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 1, count: share)
        ready.add(1, ordering: .acquiringAndReleasing)
        while ready.load(ordering: .acquiring) < cores { Workspace.pause() }
        let start = MonotonicClock.seconds
        var passes = 0
        var found = 0
        var now = start
        repeat {
          if memchr(memory, 0, share) != nil { found += 1 }
          passes += 1
          now = MonotonicClock.seconds
        } while now - start < seconds
        memory.deallocate()
        // What was found is used, so that the reading can't be left out.
        total.withLock { $0 += Double(passes - found) * Double(share) / (now - start) }
        left.subtract(1, ordering: .acquiringAndReleasing)
      }
      guard isStarted else { throw SibylError(.unavailable, "the system gives no more threads") }
    }
    while left.load(ordering: .acquiring) > 0 { MonotonicClock.sleep(milliseconds: 5) }
    let rate = total.withLock { $0 }
    return [
      "bytes": .integer(Int64(bytes)), "cores": .integer(Int64(cores)), "bytes_per_second": .number(rate),
      "milliseconds": .number(Double(bytes) / rate * 1e3),
    ]
  }
}
