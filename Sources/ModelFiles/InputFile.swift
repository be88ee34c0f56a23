import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file open for reading, or bytes in memory that are read as if they were one.
///
/// Everything is read with `pread`, nothing is mapped: a mapped file that another process cuts short kills
/// the reader with SIGBUS, and Sibyl's host is somebody's database. Nor would mapping be faster: 90 MB of
/// weights from the page cache take 10 ms in pieces that stay in the processor's cache, 12 ms mapped.
/// Any thread may read at any time.
package final class InputFile: Sendable {
  package let path: String
  /// The file's size in bytes when it was opened.
  package let size: Int
  private let descriptor: Int32
  /// What is read where there is no file.
  private let memory: [UInt8]

  /// Bytes that were never a file, or no longer are: compiled into the library, or stored in a database.
  ///
  /// - Parameter name: what errors call it.
  package init(bytes: [UInt8], name: String) {
    path = name
    size = bytes.count
    descriptor = -1
    memory = bytes
  }

  package init(path: String) throws(SibylError) {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system("open", path, errno) }
    self.path = path
    memory = []
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .system("examine", path, code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw SibylError(.unavailable, "cannot read \(path): it is not a regular file")
    }
    size = Int(status.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Where and when the file's bytes were last written.
  package func stamp() throws(SibylError) -> FileStamp {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("examine", path, errno) }
    return FileStamp(status)
  }

  /// Fills the buffer with the bytes from `offset` on.
  ///
  /// - Throws: `corruptFile` where the file ends before the buffer is full.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SibylError) {
    guard descriptor >= 0 else { return try readMemory(at: offset, into: buffer) }
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
      if count < 0 {
        if errno == EINTR { continue }
        throw .system("read", path, errno)
      }
      guard count > 0 else {
        throw SibylError(
          .corruptFile,
          "\(path) is cut off: it ends at byte \(offset + filled), \(buffer.count - filled) bytes too early")
      }
      filled += count
    }
  }

  private func readMemory(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SibylError) {
    guard offset >= 0, offset <= size, buffer.count <= size - offset else {
      throw SibylError(
        .corruptFile, "\(path) is cut off: it has \(size) bytes, and \(buffer.count) were sought at \(offset)"
      )
    }
    memory.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + buffer.count)]))
    }
  }

  /// The whole file, which must not be larger than `limit` bytes.
  package func contents(limit: Int) throws(SibylError) -> [UInt8] {
    guard size <= limit else {
      throw SibylError(.corruptFile, "\(path) has \(size) bytes, where at most \(limit) are expected")
    }
    return try bytes(at: 0, count: size)
  }

  /// `count` bytes from `offset` on. The caller has checked that they lie inside the file.
  package func bytes(at offset: Int, count: Int) throws(SibylError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SibylError) in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }
}
