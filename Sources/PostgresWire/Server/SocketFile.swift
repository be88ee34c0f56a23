import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A Unix socket's file, and the lock beside it that says that its server lives.
///
/// The lock (`<path>.lock`, held with `flock`) falls with the process that holds it, however that ends: so a
/// socket file without a held lock that nobody answers is stale, and is replaced.
struct SocketFile: Sendable {
  /// The bound socket, which does not listen yet.
  let descriptor: Int32
  private let path: String
  private let lock: Int32
  /// What the file was when it was made, so that another server's is never removed.
  private let device: UInt64
  private let inode: UInt64

  /// - Parameter mode: the file's permissions.
  /// - Throws: `unavailable` where a living server has the path, or the system refuses.
  static func bind(path: String, mode: UInt16) throws(SibylError) -> SocketFile {
    let lock = try takeLock(path)
    do throws(SibylError) {
      try removeStale(path)
      let descriptor = try makeSocket(path, mode: mode)
      var status = stat()
      guard lstat(path, &status) == 0 else {
        close(descriptor)
        throw refusal(path, "its file could not be examined: \(systemMessage())")
      }
      return SocketFile(
        descriptor: descriptor, path: path, lock: lock, device: UInt64(truncatingIfNeeded: status.st_dev),
        inode: UInt64(truncatingIfNeeded: status.st_ino))
    } catch {
      releaseLock(path, lock)
      throw error
    }
  }

  /// Removes the file, where it is still the one that was made, and gives up the lock. The socket itself is
  /// closed by whoever listens on it.
  func remove() {
    var status = stat()
    if lstat(path, &status) == 0, UInt64(truncatingIfNeeded: status.st_dev) == device,
      UInt64(truncatingIfNeeded: status.st_ino) == inode
    {
      unlink(path)
    }
    Self.releaseLock(path, lock)
  }

  // MARK: The lock

  private static func takeLock(_ path: String) throws(SibylError) -> Int32 {
    let name = path + ".lock"
    // A file that its last owner removed between `open` and `flock` locks nothing: try again with a new one.
    for _ in 0..<100 {
      let lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard lock >= 0 else {
        throw refusal(path, "its lock file \"\(name)\" could not be opened: \(systemMessage())")
      }
      guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
        close(lock)
        throw refusal(path, "another server is using it")
      }
      var held = stat()
      var named = stat()
      if fstat(lock, &held) == 0, stat(name, &named) == 0, held.st_ino == named.st_ino,
        held.st_dev == named.st_dev
      {
        return lock
      }
      close(lock)
    }
    throw refusal(path, "its lock file \"\(name)\" keeps changing")
  }

  private static func releaseLock(_ path: String, _ lock: Int32) {
    unlink(path + ".lock")
    close(lock)
  }

  // MARK: The socket

  /// Removes what a dead server has left; refuses to touch anything else.
  private static func removeStale(_ path: String) throws(SibylError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw refusal(path, systemMessage()) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw refusal(path, "there is a file of that name which is no socket")
    }
    let probe = try openSocket(path)
    defer { close(probe) }
    if try withAddress(path, { connect(probe, $0, $1) }) == 0 {
      throw refusal(path, "another server is using it")
    }
    guard errno == ECONNREFUSED else {
      throw refusal(path, "what it belongs to could not be found out: \(systemMessage())")
    }
    guard unlink(path) == 0 else { throw refusal(path, systemMessage()) }
  }

  private static func makeSocket(_ path: String, mode: UInt16) throws(SibylError) -> Int32 {
    let descriptor = try openSocket(path)
    // The permissions are set before anything listens, so that nobody gets in meanwhile.
    guard try withAddress(path, { Self.bindSocket(descriptor, $0, $1) }) == 0,
      chmod(path, mode_t(mode)) == 0
    else {
      let reason = systemMessage()
      close(descriptor)
      throw refusal(path, reason)
    }
    return descriptor
  }

  private static func openSocket(_ path: String) throws(SibylError) -> Int32 {
    #if canImport(Glibc)
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #else
      let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { throw refusal(path, systemMessage()) }
    return descriptor
  }

  private static func bindSocket(
    _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
  ) -> Int32 {
    #if canImport(Glibc)
      Glibc.bind(descriptor, address, length)
    #else
      Darwin.bind(descriptor, address, length)
    #endif
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SibylError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard path.utf8.count <= capacity, !path.utf8.contains(0) else {
      throw refusal(path, "a Unix socket's path may have at most \(capacity) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func refusal(_ path: String, _ reason: String) -> SibylError {
    SibylError(
      .unavailable,
      "The server can't listen on the Unix socket \"\(path)\": \(reason). Choose another path, or mend that.")
  }

  private static func systemMessage() -> String {
    String(cString: strerror(errno))
  }
}
