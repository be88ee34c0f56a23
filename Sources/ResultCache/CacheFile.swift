import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cache's file as the operating system sees it: made readable by its owner only, identified by device
/// and inode, so that a file that was removed or replaced under a running process is noticed.
struct CacheFile {
  struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  let path: String

  /// Creates the folder (mode 0700) and an empty file (mode 0600) where they are missing.
  func create() throws(CacheProblem) {
    var folder = path
    if let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = String(folder[..<slash])
      try createFolder(folder)
    }
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      // A file that was there before is never opened here: closing it would drop SQLite's locks on it.
      close(descriptor)
    } else if errno != EEXIST {
      throw unusable("create", errno)
    }
  }

  private func createFolder(_ folder: String) throws(CacheProblem) {
    var status = stat()
    if stat(folder, &status) == 0 { return }
    if let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      try createFolder(String(folder[..<slash]))
    }
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw unusable("create the folder of", errno) }
  }

  /// Nil where there is no such file; throws where it is no regular file or can't be looked at.
  func identity() throws(CacheProblem) -> Identity? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw unusable("open", errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CacheProblem(
        .unusable, "The result cache \(path) is not a regular file; set SIBYL_CACHE to another path.")
    }
    #if !canImport(Darwin)
      // SQLite takes a file of one byte for an empty one (a workaround for macOS) and would write over it.
      guard status.st_size != 1 else { throw DiskConnection.unreadable(self) }
    #endif
    return Identity(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
  }

  /// Whether the file at the path still is the one with this identity. Errors count as yes: they show when
  /// the file is used.
  func isStill(_ identity: Identity) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return errno != ENOENT }
    return UInt64(truncatingIfNeeded: status.st_dev) == identity.device
      && UInt64(status.st_ino) == identity.inode
  }

  /// Whether a file that SQLite can't read is one of ours: by its application id, which lies at byte 68
  /// (https://www.sqlite.org/fileformat.html, section 1.3), or by its place among Sibyl's own files.
  ///
  /// Call it only where no connection of this process has the file open: closing a file drops its locks.
  func isOurs(applicationID: Int64) -> Bool {
    if path == Environment.sibylHome + "/cache.sqlite3" { return true }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var bytes: UInt32 = 0
    guard pread(descriptor, &bytes, 4, 68) == 4 else { return false }
    return Int64(UInt32(bigEndian: bytes)) == applicationID
  }

  /// Bytes on disk: the file and its write-ahead log.
  var bytes: Int {
    var total = 0
    for suffix in ["", "-wal"] {
      var status = stat()
      if stat(path + suffix, &status) == 0 { total += Int(status.st_size) }
    }
    return total
  }

  private func unusable(_ verb: String, _ code: Int32) -> CacheProblem {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return CacheProblem(
      .unusable,
      "Cannot \(verb) the result cache \(path): \(reason). Results are kept in memory only; "
        + "set SIBYL_CACHE to a path that can be written, or to 'off'.")
  }
}
