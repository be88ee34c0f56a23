/// What normalisation and pre-tokenisation do to each Unicode scalar, for one choice of options.
///
/// The reference does this in passes over the whole text: clean, set ideographs apart, decompose (NFD), drop
/// non-spacing marks, lower-case, split at white space and around punctuation. All passes but canonical
/// ordering look at one scalar at a time, so their sum is a table, and ordering matters only for the few marks
/// that survive the stripping of accents.
struct ScalarTable: Sendable {
  /// What becomes of a scalar; the low four bits of an entry.
  enum Kind {
    /// Part of a word, as it is.
    static let word: UInt32 = 0
    /// Vanishes, as if it had never been there.
    static let dropped: UInt32 = 1
    /// Vanishes, but ends a run of marks under canonical ordering.
    static let droppedStarter: UInt32 = 2
    /// Ends a word.
    static let space: UInt32 = 3
    /// A word of its own, as it is.
    static let isolated: UInt32 = 4
    /// Part of a word, as the scalar in the payload.
    static let mappedWord: UInt32 = 5
    /// A word of its own, as the scalar in the payload.
    static let mappedIsolated: UInt32 = 6
    /// A Hangul syllable, to be decomposed by arithmetic (Unicode Standard, section 3.12).
    static let hangul: UInt32 = 7
    /// Becomes the elements in `sequences` at the payload, up to a zero.
    static let sequence: UInt32 = 8
  }

  static let kindMask: UInt32 = 0xF
  static let payloadShift: UInt32 = 4

  /// An element of a sequence: a scalar (21 bits), its combining class (8 bits), whether it stands alone.
  static let scalarMask: UInt32 = 0x1F_FFFF
  static let combiningClassShift: UInt32 = 21
  static let isolatedFlag: UInt32 = 1 << 29

  static let blockShift: UInt32 = 8
  private static let blockSize = 256
  private static let blockCount = 0x11_0000 / blockSize

  /// For each block of 256 scalars, the index of its first entry in `entries`.
  private(set) var blocks: [UInt32]
  private(set) var entries: [UInt32]
  /// Elements of all sequences, each sequence ended by 0.
  private(set) var sequences: [UInt32] = [0]
  /// ASCII bytes for the fast path: the lowered byte for one that is part of a word as it stands, else 0.
  private(set) var wordBytes: [UInt8]
  /// The block of entries that all blocks with one uniform entry share, by entry.
  private var uniformBlocks: [UInt32: UInt32] = [:]
  private var sharedBlocks: Set<UInt32> = []

  init(_ options: WordPieceOptions) {
    entries = [UInt32](repeating: Kind.word, count: Self.blockSize)
    blocks = [UInt32](repeating: 0, count: Self.blockCount)
    wordBytes = []
    uniformBlocks[Kind.word] = 0
    sharedBlocks.insert(0)

    UnicodeDataReader.forEachRange(in: UnicodeData.punctuation) { fill($0, $1, Kind.isolated) }
    UnicodeDataReader.forEachRange(in: UnicodeData.ideographs) { fill($0, $1, Kind.isolated) }
    // Mappings are composed before marks, spaces and controls are entered, as those are never targets.
    var mapping: [UInt32: (UInt32, UInt32, UInt32)] = [:]
    var classes: [UInt32: UInt32] = [:]
    var lowercase: [UInt32: (UInt32, UInt32, UInt32)] = [:]
    if options.lowercase {
      lowercase.reserveCapacity(2048)
      UnicodeDataReader.forEachMapping(in: UnicodeData.lowercased) { lowercase[$0] = $1 }
      mapping = lowercase
    }
    if options.stripsAccents {
      UnicodeDataReader.forEachValuedRange(in: UnicodeData.keptMarks) { value, first, last in
        for scalar in first...max(first, last) { classes[scalar] = value }
      }
      mapping.reserveCapacity(4096)
      UnicodeDataReader.forEachMapping(in: UnicodeData.stripped) { scalar, target in
        // Lower case of a decomposed scalar is one scalar: only U+0130 becomes two, and it decomposes.
        func lowered(_ scalar: UInt32) -> UInt32 { lowercase[scalar]?.0 ?? scalar }
        mapping[scalar] = (lowered(target.0), lowered(target.1), lowered(target.2))
      }
      fill(0xAC00, 0xD7A3, Kind.hangul)
    }
    var mapped: [(scalar: UInt32, entry: UInt32)] = []
    mapped.reserveCapacity(mapping.count + classes.count)
    for (scalar, target) in mapping {
      // An ideograph is set apart before it is decomposed, whatever it becomes.
      let standsAlone = self[scalar] == Kind.isolated
      if target.1 == 0 && classes[target.0] == nil {
        let isolated = standsAlone || self[target.0] == Kind.isolated
        let kind = isolated ? Kind.mappedIsolated : Kind.mappedWord
        mapped.append((scalar, kind | target.0 << Self.payloadShift))
      } else {
        mapped.append((scalar, sequenceEntry([target.0, target.1, target.2], classes)))
      }
    }
    for scalar in classes.keys { mapped.append((scalar, sequenceEntry([scalar], classes))) }
    for (scalar, entry) in mapped { fill(scalar, scalar, entry) }

    if options.stripsAccents {
      UnicodeDataReader.forEachRange(in: UnicodeData.marks) { fill($0, $1, Kind.dropped) }
      UnicodeDataReader.forEachRange(in: UnicodeData.starterMarks) { fill($0, $1, Kind.droppedStarter) }
    }
    UnicodeDataReader.forEachRange(in: UnicodeData.dropped) { fill($0, $1, Kind.dropped) }
    UnicodeDataReader.forEachRange(in: UnicodeData.spaces) { fill($0, $1, Kind.space) }

    wordBytes = (0..<256).map { byte in
      guard byte < 0x80 else { return 0 }
      let entry = self[UInt32(byte)]
      switch entry & Self.kindMask {
      case Kind.word: return UInt8(byte)
      case Kind.mappedWord: return UInt8(truncatingIfNeeded: entry >> Self.payloadShift)
      default: return 0
      }
    }
    uniformBlocks = [:]
    sharedBlocks = []
  }

  /// The entry of a scalar; that of U+FFFD for a value that is none.
  subscript(scalar: UInt32) -> UInt32 {
    let value = scalar <= 0x10_FFFF ? scalar : 0xFFFD
    return entries[Int(blocks[Int(value >> Self.blockShift)]) + Int(value & 0xFF)]
  }

  private mutating func sequenceEntry(_ scalars: [UInt32], _ classes: [UInt32: UInt32]) -> UInt32 {
    let start = UInt32(sequences.count)
    for scalar in scalars where scalar != 0 {
      let isolated = self[scalar] == Kind.isolated ? Self.isolatedFlag : 0
      sequences.append(scalar | classes[scalar, default: 0] << Self.combiningClassShift | isolated)
    }
    sequences.append(0)
    return Kind.sequence | start << Self.payloadShift
  }

  /// Gives the scalars from `first` to `last` an entry. Whole blocks with one entry share their storage, as
  /// the ideograph and private use planes are large.
  private mutating func fill(_ first: UInt32, _ last: UInt32, _ entry: UInt32) {
    var scalar = Int(first)
    let end = min(Int(last), 0x10_FFFF) + 1
    while scalar < end {
      let block = scalar / Self.blockSize
      let blockEnd = min(end, (block + 1) * Self.blockSize)
      if blockEnd - scalar == Self.blockSize {
        blocks[block] = uniformBlock(of: entry)
      } else {
        if sharedBlocks.contains(blocks[block]) {
          let shared = Int(blocks[block])
          blocks[block] = UInt32(entries.count)
          entries.append(contentsOf: Array(entries[shared..<shared + Self.blockSize]))
        }
        let base = Int(blocks[block]) - block * Self.blockSize
        for index in scalar..<blockEnd { entries[base + index] = entry }
      }
      scalar = blockEnd
    }
  }

  private mutating func uniformBlock(of entry: UInt32) -> UInt32 {
    if let block = uniformBlocks[entry] { return block }
    let block = UInt32(entries.count)
    entries.append(contentsOf: repeatElement(entry, count: Self.blockSize))
    uniformBlocks[entry] = block
    sharedBlocks.insert(block)
    return block
  }
}
