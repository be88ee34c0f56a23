/// Why the file is bypassed at present. Results are computed and kept in memory as if there were no file.
public struct CacheProblem: Error, Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// Another process holds the file's lock, and went on holding it.
    case locked
    /// The disk is full, or the file is as large as it may be and nothing can be evicted.
    case full
    /// The folder or file can't be created, opened, read or written.
    case unusable
    /// The file is cut off or its contents are garbled.
    case damaged
    /// The file belongs to another program.
    case foreign
    /// The file was written by a newer Sibyl.
    case newer
    /// The host has no usable SQLite: no function table was handed over, or it was built without threads.
    case unsupported
  }

  public let kind: Kind
  /// A whole sentence for the user, with what to do.
  public let message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// How long the file is left alone before it is tried again.
  var pauseNanoseconds: UInt64 {
    switch kind {
    case .locked: 5_000_000_000
    case .full, .unusable: 30_000_000_000
    case .damaged, .foreign, .newer, .unsupported: 60_000_000_000
    }
  }
}
