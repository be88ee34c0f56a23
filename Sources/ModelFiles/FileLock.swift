import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An exclusive lock between processes and between threads (`flock` on a file of its own), held as long as
/// the value lives. The kernel frees it when its holder dies.
struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Waits until the lock is free.
  ///
  /// - Parameter onWait: called once where somebody else holds the lock, before waiting.
  init(path: String, onWait: () -> Void) throws(SibylError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("open the lock file", path, errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { onWait() }
      while flock(descriptor, LOCK_EX) != 0 {
        if errno == EINTR { continue }
        let code = errno
        close(descriptor)
        throw .system("lock", path, code)
      }
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
