import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The few operations on files and folders that a model store needs, with errors that name the path.
enum FileSystem {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The path without links and relative parts; the file must exist.
  static func absolute(_ path: String) throws(SibylError) -> String {
    guard let resolved = realpath(path, nil) else { throw .system("find", path, errno) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Makes a folder and those above it, where they are missing.
  static func makeFolder(_ path: String) throws(SibylError) {
    if isFolder(path) { return }
    let parent = parent(of: path)
    if parent != path { try makeFolder(parent) }
    guard mkdir(path, 0o755) == 0 || (errno == EEXIST && isFolder(path)) else {
      throw .system("make the folder", path, errno)
    }
  }

  /// The folder that a path lies in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Names in a folder, sorted, without `.` and `..`.
  static func names(in folder: String) throws(SibylError) -> [String] {
    guard let stream = opendir(folder) else { throw .system("list", folder, errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
          String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Paths, relative to the folder, of all regular files in it and below; links are not followed.
  static func files(below folder: String) throws(SibylError) -> [String] {
    var files: [String] = []
    for name in try names(in: folder) {
      switch fileType(of: folder + "/" + name) {
      case S_IFREG: files.append(name)
      case S_IFDIR: files += try Self.files(below: folder + "/" + name).map { name + "/" + $0 }
      default: break
      }
    }
    return files
  }

  /// Removes a file or a folder with all that is in it. Links are removed, not followed.
  static func remove(_ path: String) throws(SibylError) {
    if fileType(of: path) == S_IFDIR {
      for name in try names(in: path) { try remove(path + "/" + name) }
      guard rmdir(path) == 0 || errno == ENOENT else { throw .system("remove", path, errno) }
    } else {
      guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path, errno) }
    }
  }

  static func move(_ source: String, to target: String) throws(SibylError) {
    guard rename(source, target) == 0 else { throw .system("move \(source) to", target, errno) }
  }

  /// Swaps two folders in one step, so that nobody ever finds neither; false where this file system cannot.
  static func exchange(_ a: String, _ b: String) -> Bool {
    #if canImport(Darwin)
      return renamex_np(a, b, UInt32(RENAME_SWAP)) == 0
    #else
      // Glibc has renameat2 since 2.28, but only declares it to C programs that ask for GNU extensions.
      guard let symbol = dlsym(nil, "renameat2") else { return false }
      typealias RenameAt2 =
        @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt
      let exchangeFlag: CUnsignedInt = 2  // RENAME_EXCHANGE in linux/fs.h
      return unsafeBitCast(symbol, to: RenameAt2.self)(AT_FDCWD, a, AT_FDCWD, b, exchangeFlag) == 0
    #endif
  }

  /// Copies a regular file; the copy is on the disk when this returns.
  static func copy(_ source: String, to target: String) throws(SibylError) {
    let file = try InputFile(path: source)
    let pieceSize = 1 << 20
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
    defer { piece.deallocate() }
    try writeNewFile(target) { (output) throws(SibylError) in
      var offset = 0
      while offset < file.size {
        let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(pieceSize, file.size - offset)])
        try file.read(at: offset, into: part)
        try write(UnsafeRawBufferPointer(part), to: output, path: target)
        offset += part.count
      }
    }
  }

  /// Writes a new file; its bytes are on the disk when this returns.
  static func create(_ path: String, _ bytes: [UInt8]) throws(SibylError) {
    try writeNewFile(path) { (output) throws(SibylError) in
      try bytes.withUnsafeBufferPointer { (bytes) throws(SibylError) in
        try write(UnsafeRawBufferPointer(bytes), to: output, path: path)
      }
    }
  }

  /// Replaces a file's contents in one step: readers see the old bytes or the new ones.
  static func replace(_ path: String, with bytes: [UInt8]) throws(SibylError) {
    let temporary = path + ".\(randomName()).partial"
    try create(temporary, bytes)
    do throws(SibylError) {
      try move(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Asks the disk to keep a file's bytes or a folder's entries.
  static func synchronize(_ path: String) throws(SibylError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path, errno) }
    defer { close(descriptor) }
    // Some file systems cannot do that for folders and say so with EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .system("write", path, errno) }
  }

  /// Letters for a name that nobody else chooses.
  static func randomName() -> String {
    String(UInt64.random(in: 0 ... .max), radix: 36)
  }

  private static func writeNewFile(
    _ path: String, _ body: (Int32) throws(SibylError) -> Void
  ) throws(SibylError) {
    let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard output >= 0 else { throw .system("write", path, errno) }
    do throws(SibylError) {
      try body(output)
      // Delayed errors, a full disk among them, come with fsync.
      guard fsync(output) == 0 else { throw .system("write", path, errno) }
    } catch {
      close(output)
      unlink(path)
      throw error
    }
    guard close(output) == 0 else { throw .system("write", path, errno) }
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(SibylError) {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      #if canImport(Darwin)
        let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
      #else
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      #endif
      if count < 0 {
        if errno == EINTR { continue }
        throw .system("write", path, errno)
      }
      written += count
    }
  }

  private static func fileType(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}
