import Diagnostics

/// The pieces of a WordPiece vocabulary and the table that finds them by their bytes.
///
/// The table is a flat one with open addressing and linear probing, at most half full, keyed by the piece's
/// bytes (without `##`) and by whether it continues a word. A slot holds 32 bits of the key's hash and the
/// piece's identifier; the bytes decide.
struct WordPieceVocabulary: Sendable {
  static let maximumByteCount = 32 << 20
  static let maximumPieceCount = 1 << 20
  /// A vocabulary that needs more probes than this for one piece was made to.
  private static let maximumProbes = 1024

  /// The file's bytes, with 8 zero bytes behind them so that pieces can be read in words of 8.
  private(set) var bytes: [UInt8]
  /// Where each piece begins in `bytes`, behind `##` where it has that.
  private(set) var starts: [UInt32] = []
  /// How many bytes each piece has, and in the top bit whether it continues a word.
  private(set) var lengths: [UInt32] = []
  /// High half: part of the hash; low half: identifier + 1, or 0 in an empty slot.
  private(set) var slots: [UInt64] = []
  private(set) var slotShift: UInt64 = 0
  /// The longest piece that begins a word, and the longest that continues one, in bytes.
  private(set) var longestInitial = 0
  private(set) var longestContinuation = 0

  static let continuationFlag: UInt32 = 1 << 31

  var count: Int { starts.count }

  /// Reads a vocabulary file: UTF-8, one piece a line, the identifier being the line's number from 0.
  ///
  /// - Throws: `.corruptFile` for an empty or huge file, ill-formed UTF-8, zero bytes, empty or repeated lines.
  init(_ file: [UInt8], source: String) throws(SibylError) {
    func corrupt(_ what: String) -> SibylError {
      SibylError(
        .corruptFile,
        "\(source): expected a WordPiece vocabulary (UTF-8, one piece a line), but \(what); "
          + "install the model again.")
    }
    guard !file.isEmpty else { throw corrupt("the file is empty") }
    guard file.count <= Self.maximumByteCount else {
      throw corrupt("the file has \(file.count) bytes, more than the \(Self.maximumByteCount) allowed")
    }
    guard file.withUnsafeBufferPointer(UTF8Decoding.isWellFormed) else {
      throw corrupt("it is not valid UTF-8")
    }

    bytes = file
    bytes.append(contentsOf: repeatElement(0, count: 8))

    let newline = UInt8(ascii: "\n")
    var lineStart = 0
    while lineStart < file.count {
      var lineEnd = lineStart
      while lineEnd < file.count && file[lineEnd] != newline {
        guard file[lineEnd] != 0 else { throw corrupt("line \(starts.count + 1) holds a zero byte") }
        lineEnd += 1
      }
      var pieceEnd = lineEnd
      if pieceEnd > lineStart && file[pieceEnd - 1] == UInt8(ascii: "\r") { pieceEnd -= 1 }
      let length = pieceEnd - lineStart
      guard length > 0 else { throw corrupt("line \(starts.count + 1) is empty") }
      guard starts.count < Self.maximumPieceCount else {
        throw corrupt("it has more than \(Self.maximumPieceCount) lines")
      }
      let hash = UInt8(ascii: "#")
      if length > 2 && file[lineStart] == hash && file[lineStart + 1] == hash {
        starts.append(UInt32(lineStart + 2))
        lengths.append(UInt32(length - 2) | Self.continuationFlag)
        longestContinuation = max(longestContinuation, length - 2)
      } else {
        starts.append(UInt32(lineStart))
        lengths.append(UInt32(length))
        longestInitial = max(longestInitial, length)
      }
      lineStart = lineEnd + 1
    }

    var slotBits: UInt64 = 4
    while 1 << slotBits < 2 * starts.count { slotBits += 1 }
    slotShift = 64 - slotBits
    slots = [UInt64](repeating: 0, count: 1 << slotBits)
    if let fault = fillSlots() { throw corrupt(fault) }
  }

  /// Enters every piece into the table; returns what is wrong with the vocabulary, if anything.
  private mutating func fillSlots() -> String? {
    let mask = slots.count - 1
    return bytes.withUnsafeBufferPointer { text -> String? in
      for identifier in starts.indices {
        let start = Int(starts[identifier])
        let length = Int(lengths[identifier] & ~Self.continuationFlag)
        var hash = WordPieceHash(continuesWord: lengths[identifier] & Self.continuationFlag != 0)
        for index in start..<start + length { hash.add(text[index]) }
        var slot = hash.slot(slotShift)
        var probes = 0
        while slots[slot] != 0 {
          let other = Int(slots[slot] & 0xFFFF_FFFF) - 1
          if slots[slot] >> 32 == hash.tag, lengths[other] == lengths[identifier] {
            let otherStart = Int(starts[other])
            if text[start..<start + length].elementsEqual(text[otherStart..<otherStart + length]) {
              return "line \(identifier + 1) repeats line \(other + 1)"
            }
          }
          probes += 1
          if probes > Self.maximumProbes { return "its lines were chosen to collide in a hash table" }
          slot = (slot + 1) & mask
        }
        slots[slot] = hash.tag << 32 | UInt64(identifier + 1)
      }
      return nil
    }
  }

  /// The identifier of a piece that begins a word; nil where there is none.
  func identifier(of piece: [UInt8]) -> Int32? {
    var hash = WordPieceHash(continuesWord: false)
    for byte in piece { hash.add(byte) }
    let padded = piece + [UInt8](repeating: 0, count: 8)
    let found = padded.withUnsafeBufferPointer { word -> Int32 in
      guard let base = word.baseAddress, !piece.isEmpty else { return -1 }
      return withIndex { $0.find(base, key: UInt32(piece.count), hash: hash) }
    }
    return found >= 0 ? found : nil
  }

  /// The piece as its line spells it.
  func piece(_ identifier: Int32) -> String? {
    guard identifier >= 0, Int(identifier) < count else { return nil }
    let start = Int(starts[Int(identifier)])
    let length = Int(lengths[Int(identifier)] & ~Self.continuationFlag)
    let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
    return continuesWord(identifier) ? "##" + text : text
  }

  /// Whether the piece continues a word (`##` in the file).
  func continuesWord(_ identifier: Int32) -> Bool {
    let index = Int(identifier)
    return lengths.indices.contains(index) && lengths[index] & Self.continuationFlag != 0
  }

  /// Calls `body` with the table in the form in which the scanner reads it.
  @inline(__always)
  func withIndex<Result>(_ body: (WordPieceIndex) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      starts.withUnsafeBufferPointer { starts in
        lengths.withUnsafeBufferPointer { lengths in
          slots.withUnsafeBufferPointer { slots in
            body(
              WordPieceIndex(
                bytes: bytes, starts: starts, lengths: lengths, slots: slots, slotShift: slotShift,
                slotMask: slots.count - 1, longestInitial: longestInitial,
                longestContinuation: longestContinuation))
          }
        }
      }
    }
  }
}
