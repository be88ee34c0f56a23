/// What names a result: 192 bits of a SHA-256 digest over everything that the result depends on.
///
/// Two keys are equal exactly when the function, its revision, the model, the engine and all arguments are
/// (up to a collision of 192-bit digests, which does not happen by chance: 2^96 results would be needed).
/// The texts themselves are not kept and can't be recovered. Made by `CacheKeyBuilder`.
public struct CacheKey: Hashable, Sendable {
  /// The first 64 bits: the row number in the file.
  package let row: UInt64
  /// The further 128 bits: told apart in the file by comparing them.
  let checkHigh: UInt64
  let checkLow: UInt64

  init(row: UInt64, checkHigh: UInt64, checkLow: UInt64) {
    self.row = row
    self.checkHigh = checkHigh
    self.checkLow = checkLow
  }

  /// The first 24 of a SHA-256 digest's 32 bytes.
  init(digest: UnsafeRawBufferPointer) {
    row = UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    checkHigh = UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    checkLow = UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
  }

  /// The row number as SQLite has it: a signed 64-bit integer.
  var rowNumber: Int64 { Int64(bitPattern: row) }

  public func hash(into hasher: inout Hasher) {
    // The bits are uniform already; 64 of them are plenty for a hash table.
    hasher.combine(row)
  }

  public static func == (left: CacheKey, right: CacheKey) -> Bool {
    left.row == right.row && left.checkHigh == right.checkHigh && left.checkLow == right.checkLow
  }
}
