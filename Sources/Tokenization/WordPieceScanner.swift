/// One pass over a text: normalisation, splitting into words, and cutting words into pieces, all at once.
///
/// Words of plain ASCII, which is nearly all of most text, take a path of their own: two table look-ups a byte
/// and one in the vocabulary. Everything else goes scalar by scalar through `ScalarTable` into the same buffer.
///
/// The scanner points into its tokenizer and its text, so it lives only inside `withScanner`.
struct WordPieceScanner {
  /// The kind of a byte that is no ASCII, next to those of `ScalarTable.Kind`.
  static let notASCII: UInt8 = 0xFF

  var ids: [Int32] = []
  var tokens: [Token] = []

  private let text: UnsafePointer<UInt8>
  private let end: Int
  private let recordsRanges: Bool

  private let index: WordPieceIndex
  private let special: SpecialTokens
  private let blocks: UnsafePointer<UInt32>
  private let entries: UnsafePointer<UInt32>
  private let sequences: UnsafePointer<UInt32>
  private let wordBytes: UnsafePointer<UInt8>
  private let asciiKinds: UnsafePointer<UInt8>
  private let asciiTokens: UnsafePointer<Int32>

  private let maximumWordLength: Int
  private var word: WordBuffer
  private let hashes: UnsafeMutablePointer<UInt64>

  /// Calls `body` with a scanner at the start of the text.
  static func withScanner(
    of tokenizer: WordPieceTokenizer, over utf8: UnsafeBufferPointer<UInt8>, recordsRanges: Bool,
    _ body: (inout WordPieceScanner) -> Void
  ) {
    guard let text = utf8.baseAddress, utf8.count > 0 else { return }
    let capacity = tokenizer.options.maximumWordLength * 4 + 16
    let word = WordBuffer(capacity: capacity, recordsRanges: recordsRanges)
    let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
    defer {
      word.deallocate()
      hashes.deallocate()
    }
    let table = tokenizer.scalars
    tokenizer.vocabulary.withIndex { index in
      table.blocks.withUnsafeBufferPointer { blocks in
        table.entries.withUnsafeBufferPointer { entries in
          table.sequences.withUnsafeBufferPointer { sequences in
            table.wordBytes.withUnsafeBufferPointer { wordBytes in
              tokenizer.asciiKinds.withUnsafeBufferPointer { asciiKinds in
                tokenizer.asciiTokens.withUnsafeBufferPointer { asciiTokens in
                  guard let blocks = blocks.baseAddress, let entries = entries.baseAddress,
                    let sequences = sequences.baseAddress, let wordBytes = wordBytes.baseAddress,
                    let asciiKinds = asciiKinds.baseAddress, let asciiTokens = asciiTokens.baseAddress
                  else { return }
                  var scanner = WordPieceScanner(
                    text: text, end: utf8.count, recordsRanges: recordsRanges, index: index,
                    special: tokenizer.special, blocks: blocks, entries: entries, sequences: sequences,
                    wordBytes: wordBytes, asciiKinds: asciiKinds, asciiTokens: asciiTokens,
                    maximumWordLength: tokenizer.options.maximumWordLength, word: word, hashes: hashes)
                  body(&scanner)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Scans the whole text.
  mutating func run() {
    var position = 0
    while position < end {
      let byte = text[position]
      switch asciiKinds[Int(byte)] {
      case UInt8(ScalarTable.Kind.word), UInt8(ScalarTable.Kind.mappedWord):
        if word.isEmpty {
          position = scanASCIIWord(from: position)
        } else {
          appendToWord(UInt32(wordBytes[Int(byte)]), from: position, to: position &+ 1)
          position &+= 1
        }
      case UInt8(ScalarTable.Kind.space):
        flushWord()
        position &+= 1
      case UInt8(ScalarTable.Kind.isolated):
        flushWord()
        if byte == UInt8(ascii: "["), let match = special.match(text, at: position, end: end) {
          emit(match.id, position, position &+ match.length)
          position &+= match.length
        } else {
          emit(asciiTokens[Int(byte)], position, position &+ 1)
          position &+= 1
        }
      case Self.notASCII:
        let step = UTF8Decoding.step(text, at: position, end: end)
        scanScalar(step.scalar, from: position, to: position &+ step.length)
        position &+= step.length
      default:
        position &+= 1
      }
    }
    flushWord()
  }

  /// Reads a word that begins with ASCII letters or digits, and returns the position behind what it took. The
  /// word is finished if its end is plain; otherwise it stays in the buffer for what follows.
  @inline(__always)
  private mutating func scanASCIIWord(from start: Int) -> Int {
    let bytes = word.bytes
    let limit = min(maximumWordLength, end &- start)
    var hash = WordPieceHash(continuesWord: false)
    var count = 0
    while count < limit {
      let lowered = wordBytes[Int(text[start &+ count])]
      if lowered == 0 { break }
      bytes[count] = lowered
      hash.add(lowered)
      count &+= 1
    }
    let position = start &+ count
    if position < end {
      let kind = asciiKinds[Int(text[position])]
      if kind != UInt8(ScalarTable.Kind.space) && kind != UInt8(ScalarTable.Kind.isolated) {
        word.adopt(asciiCount: count, from: start)
        return position
      }
    }
    let found = index.find(bytes, key: UInt32(truncatingIfNeeded: count), hash: hash)
    if found >= 0 {
      emit(found, start, position)
    } else {
      word.adopt(asciiCount: count, from: start)
      flushWord()
    }
    return position
  }

  /// What the normaliser makes of one scalar of the source.
  private mutating func scanScalar(_ scalar: UInt32, from start: Int, to stop: Int) {
    let block = blocks[Int(scalar &>> ScalarTable.blockShift)]
    let entry = entries[Int(block) &+ Int(scalar & 0xFF)]
    let payload = entry &>> ScalarTable.payloadShift
    switch entry & ScalarTable.kindMask {
    case ScalarTable.Kind.word: appendToWord(scalar, from: start, to: stop)
    case ScalarTable.Kind.mappedWord: appendToWord(payload, from: start, to: stop)
    case ScalarTable.Kind.space: flushWord()
    case ScalarTable.Kind.isolated: appendIsolated(scalar, from: start, to: stop)
    case ScalarTable.Kind.mappedIsolated: appendIsolated(payload, from: start, to: stop)
    case ScalarTable.Kind.droppedStarter: word.endReorderableRun()
    case ScalarTable.Kind.hangul:
      let syllable = scalar &- 0xAC00
      appendToWord(0x1100 &+ syllable / 588, from: start, to: stop)
      appendToWord(0x1161 &+ syllable % 588 / 28, from: start, to: stop)
      if syllable % 28 != 0 { appendToWord(0x11A7 &+ syllable % 28, from: start, to: stop) }
    case ScalarTable.Kind.sequence:
      var next = Int(payload)
      while sequences[next] != 0 {
        let element = sequences[next]
        let scalar = element & ScalarTable.scalarMask
        let combiningClass = element &>> ScalarTable.combiningClassShift & 0xFF
        if element & ScalarTable.isolatedFlag != 0 {
          appendIsolated(scalar, from: start, to: stop)
        } else if combiningClass == 0 {
          appendToWord(scalar, from: start, to: stop)
        } else if word.scalarCount >= maximumWordLength {
          word.overflow(to: stop)
        } else {
          word.insertMark(scalar, UInt8(truncatingIfNeeded: combiningClass), from: start, to: stop)
        }
        next &+= 1
      }
    default: break
    }
  }

  @inline(__always)
  private mutating func appendToWord(_ scalar: UInt32, from start: Int, to stop: Int) {
    if word.scalarCount >= maximumWordLength {
      word.overflow(to: stop)
    } else {
      word.append(scalar, from: start, to: stop)
    }
  }

  private mutating func appendIsolated(_ scalar: UInt32, from start: Int, to stop: Int) {
    flushWord()
    word.append(scalar, from: start, to: stop)
    flushWord()
  }

  /// Cuts the word in the buffer into pieces and empties it.
  private mutating func flushWord() {
    if word.isEmpty { return }
    if word.isTooLong || !emitPieces() {
      let range = word.sourceRange
      emit(special.unknown, range.lowerBound, range.upperBound)
    }
    word.removeAll()
  }

  /// Greedy longest match from the left. Returns false, having emitted nothing, where a rest has no piece.
  private mutating func emitPieces() -> Bool {
    let idCount = ids.count
    let tokenCount = tokens.count
    let bytes = word.bytes
    let count = word.count
    var start = 0
    while start < count {
      let continuesWord = start > 0
      let flag = continuesWord ? WordPieceVocabulary.continuationFlag : 0
      let longest = min(count &- start, continuesWord ? index.longestContinuation : index.longestInitial)
      var hash = WordPieceHash(continuesWord: continuesWord)
      for offset in 0..<longest {
        hash.add(bytes[start &+ offset])
        hashes[offset] = hash.state
      }
      var length = longest
      var found: Int32 = -1
      while length > 0 {
        let next = start &+ length
        // A piece is whole scalars, so one that ends inside a scalar is not looked for.
        if next == count || bytes[next] & 0xC0 != 0x80 {
          let hash = WordPieceHash(state: hashes[length &- 1])
          found = index.find(bytes + start, key: UInt32(truncatingIfNeeded: length) | flag, hash: hash)
          if found >= 0 { break }
        }
        length &-= 1
      }
      if found < 0 {
        ids.removeLast(ids.count &- idCount)
        tokens.removeLast(tokens.count &- tokenCount)
        return false
      }
      if recordsRanges {
        let range = word.sourceRange(from: start, to: start &+ length)
        emit(found, range.lowerBound, range.upperBound)
      } else {
        ids.append(found)
      }
      start &+= length
    }
    return true
  }

  @inline(__always)
  private mutating func emit(_ id: Int32, _ start: Int, _ stop: Int) {
    if recordsRanges {
      tokens.append(Token(id: id, range: Range(uncheckedBounds: (start, stop))))
    } else {
      ids.append(id)
    }
  }
}
