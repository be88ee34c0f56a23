import Diagnostics
import JSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the file system says about a file's bytes: while it says the same, they need not be hashed again.
///
/// The change time is part of it because, unlike the modification time, no program can set it back.
package struct FileStamp: Hashable, Sendable {
  /// Size in bytes, inode number, then seconds and nanoseconds of modification and of change.
  private let fields: [Int]

  init(_ status: stat) {
    #if canImport(Darwin)
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #endif
    fields = [
      Int(status.st_size), Int(truncatingIfNeeded: status.st_ino),
      Int(modified.tv_sec), Int(modified.tv_nsec), Int(changed.tv_sec), Int(changed.tv_nsec),
    ]
  }

  /// The stamp of the file at a path.
  package init(path: String) throws(SibylError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system("examine", path, errno) }
    self.init(status)
  }

  /// Nil where the value is no stamp.
  init?(_ json: JSON) {
    guard let array = json.arrayValue, array.count == 6 else { return nil }
    let fields = array.compactMap(\.integerValue)
    guard fields.count == 6 else { return nil }
    self.fields = fields
  }

  var json: JSON { .array(fields.map { .integer(Int64($0)) }) }

  var size: Int { fields[0] }
}
