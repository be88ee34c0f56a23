#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A detached POSIX thread inside somebody else's process: its signals are blocked, since the host's signals
/// are the host's to handle, and its stack is small.
package enum WorkerThread {
  /// - Parameter stackSize: bytes; 2 MiB where nothing is said.
  /// - Returns: false when the system gives no more threads.
  package static func start(stackSize: Int = 2 << 20, _ main: @escaping @Sendable () -> Void) -> Bool {
    let body = Unmanaged.passRetained(Body(main))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, stackSize)
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let status = pthread_create(&thread, &attributes, workerThreadMain, body.toOpaque())
    if status != 0 { body.release() }
    return status == 0
  }

  fileprivate final class Body: Sendable {
    let main: @Sendable () -> Void

    init(_ main: @escaping @Sendable () -> Void) { self.main = main }
  }
}

private func workerThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument { Unmanaged<WorkerThread.Body>.fromOpaque(argument).takeRetainedValue().main() }
  return nil
}
