#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A detached POSIX thread for a measurement that must not share the engine's own workers.
enum BenchmarkThread {
  /// - Returns: false when the system gives no more threads.
  static func start(_ main: @escaping @Sendable () -> Void) -> Bool {
    let body = Unmanaged.passRetained(Body(main))
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    guard pthread_create(&thread, nil, benchmarkThreadMain, body.toOpaque()) == 0 else {
      body.release()
      return false
    }
    #if canImport(Glibc)
      pthread_detach(thread)
    #else
      if let thread { pthread_detach(thread) }
    #endif
    return true
  }

  static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

  fileprivate final class Body: Sendable {
    let main: @Sendable () -> Void

    init(_ main: @escaping @Sendable () -> Void) { self.main = main }
  }
}

private func benchmarkThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument { Unmanaged<BenchmarkThread.Body>.fromOpaque(argument).takeRetainedValue().main() }
  return nil
}
