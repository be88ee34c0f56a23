/// What a cache did since the process began, and what its file holds.
public struct CacheStatistics: Hashable, Sendable {
  public enum FileState: String, Hashable, Sendable {
    /// No file is wanted.
    case off
    /// The file was not needed so far, or does not exist yet.
    case unopened
    /// In use.
    case ready
    /// Left alone for now; see `problem`.
    case bypassed
  }

  /// Lookups answered from memory and from the file, and those that found nothing.
  public var memoryHits = 0
  public var diskHits = 0
  public var misses = 0
  /// Results handed in.
  public var stores = 0
  /// Results that did not reach the file, because it was bypassed or too slow.
  public var unsavedStores = 0
  /// Entries of the file whose checksum did not match; each was taken for a miss.
  public var damagedEntries = 0
  public var memoryEntries = 0
  public var memoryBytes = 0
  public var memoryEvictions = 0
  /// Entries in the file and the bytes it takes on disk, its write-ahead log included.
  public var diskEntries = 0
  public var diskBytes = 0
  public var diskEvictions = 0
  public var path: String?
  public var fileState = FileState.off
  /// The last problem with the file, also after it passed.
  public var problem: CacheProblem?

  public var hits: Int { memoryHits + diskHits }
}
