/// Decides when a query that reads the cache's file key by key had better read it in order.
///
/// Keys are hashes, so the rows of a query lie all over the file, and finding one costs as much as stepping over
/// some ten. Nobody knows how many of the file's entries a query will want. So for each entry that was found by its
/// key, as many are read in order as cost the same: that never more than doubles the work, and a query that wants
/// most of the file finds most of it in memory.
///
/// Rule: guarded by its owner's reader lock.
struct ReadAhead {
  /// Entries that are read at once: about a millisecond.
  static let entries = 2_048
  /// Entries read in order in the time that finding one by its key takes.
  private static let entriesPerLookup = 8

  /// Where reading goes on; nil at the end of the file.
  private(set) var nextRow: Int64? = .min
  private var found = 0
  private var read = 0

  /// Notes that a lookup found its entry in the file.
  mutating func noteFound() { found &+= 1 }

  /// Whether the next entries are to be read.
  var isDue: Bool {
    nextRow != nil && found >= (read &+ Self.entries) / Self.entriesPerLookup
  }

  /// Notes that entries were read.
  mutating func note(read count: Int, nextRow: Int64?) {
    read &+= count
    self.nextRow = nextRow
  }
}
