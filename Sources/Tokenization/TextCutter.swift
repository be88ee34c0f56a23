/// Walks through a text from cut to cut on behalf of `TextChunker`.
///
/// Cutting between words changes no token, as nothing in WordPiece looks beyond a word, and neither does cutting
/// off the first tokens of a word. What is left of a word behind such a cut becomes other tokens, though, for it
/// no longer continues anything: so the rest of the word is encoded anew and stands in front of the remaining
/// tokens. That is why the tokens here are those of the chunks encoded alone.
struct TextCutter {
  /// How good a place between two tokens is for a cut.
  private enum Quality {
    /// Both tokens come from the same character.
    static let impossible: UInt8 = 0
    static let insideWord: UInt8 = 1
    /// Between words without white space, such as around punctuation and between ideographs.
    static let betweenWords: UInt8 = 2
    static let whiteSpace: UInt8 = 3
    static let clause: UInt8 = 4
    static let lineBreak: UInt8 = 5
    static let sentence: UInt8 = 6
  }

  /// A chunk before white space is taken off.
  struct Piece {
    var range: Range<Int>
    var tokens: [Int32]
  }

  private let tokenizer: WordPieceTokenizer
  private let maximumTokens: Int
  private let overlap: Int
  private let utf8: UnsafeBufferPointer<UInt8>

  private var tokens: [Token] = []
  /// For each token, how good a cut before it is and at which byte that would be.
  private var cuts: [(quality: UInt8, byte: Int)] = []

  /// The tokens of the rest of a word that was cut, which stand before `tokens[base...]`.
  private var rest: [Token] = []
  private var base = 0
  private var startByte = 0
  /// How many of the next tokens the chunk before had too.
  private var repeated = 0
  private var isDone = false

  init(_ chunker: TextChunker, _ utf8: UnsafeBufferPointer<UInt8>) {
    tokenizer = chunker.tokenizer
    maximumTokens = chunker.maximumTokens
    overlap = chunker.overlap
    self.utf8 = utf8
    tokenizer.encodeWithOffsets(utf8, appendingTo: &tokens)
    if tokens.count > maximumTokens { cuts = findCuts() }
  }

  private var remaining: Int { rest.count + tokens.count - base }

  /// The next piece: together they cover the whole text.
  mutating func next() -> Piece? {
    if isDone { return nil }
    if remaining <= maximumTokens {
      isDone = true
      return Piece(range: startByte..<utf8.count, tokens: nextTokens(remaining))
    }
    guard let count = bestCut() else { return cutInsideCharacterRun() }
    let stop = cut(count).byte
    let piece = Piece(range: startByte..<stop, tokens: nextTokens(count))
    let offset = restart(before: count)
    advance(to: offset, repeating: count - offset)
    return piece
  }

  /// The next `count` tokens.
  private func nextTokens(_ count: Int) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(count)
    for token in rest.prefix(count) { ids.append(token.id) }
    for token in tokens[base...].prefix(count - ids.count) { ids.append(token.id) }
    return ids
  }

  /// The cut before the token at an offset from the current start.
  private func cut(_ offset: Int) -> (quality: UInt8, byte: Int) {
    if offset >= rest.count { return cuts[base + offset - rest.count] }
    let start = rest[offset].range.lowerBound
    let isPossible = offset == 0 || start >= rest[offset - 1].range.upperBound
    return (isPossible ? Quality.insideWord : Quality.impossible, start)
  }

  /// The number of tokens for the next chunk, or nil where no cut is possible.
  private func bestCut() -> Int? {
    let least = repeated + 1
    /// The last cut of at least the quality in the range.
    func last(_ quality: UInt8, from first: Int) -> Int? {
      var offset = maximumTokens
      while offset >= first {
        if cut(offset).quality >= quality { return offset }
        offset -= 1
      }
      return nil
    }
    if let found = last(Quality.sentence, from: least) { return found }
    let half = max(least, maximumTokens / 2 + 1)
    for quality in [Quality.lineBreak, Quality.clause, Quality.whiteSpace] {
      if let found = last(quality, from: half) { return found }
    }
    return last(Quality.betweenWords, from: least) ?? last(Quality.insideWord, from: least)
  }

  /// Where the chunk behind one of `count` tokens begins, as an offset from the current start.
  private func restart(before count: Int) -> Int {
    guard overlap > 0 else { return count }
    var offset = max(1, count - overlap)
    while offset < count && cut(offset).quality < Quality.betweenWords { offset += 1 }
    // The next chunk must be able to end behind this one.
    guard remaining - offset > maximumTokens else { return offset }
    for stop in count + 1...offset + maximumTokens where cut(stop).quality > Quality.impossible {
      return offset
    }
    return count
  }

  /// Makes the token at an offset the first one, which the chunk before may have had too.
  private mutating func advance(to offset: Int, repeating repeated: Int) {
    let place = cut(offset)
    self.repeated = repeated
    startByte = place.byte
    let token = max(base, base + offset - rest.count)
    if place.quality >= Quality.betweenWords {
      base = token
      rest.removeAll()
    } else {
      encodeRestOfWord(nextToken: token)
    }
  }

  /// A run of marks that change places belongs to one character as far as ranges go, and may have more tokens
  /// than a chunk. It is the one thing that cannot be cut between tokens, so it is cut behind a scalar.
  private mutating func cutInsideCharacterRun() -> Piece? {
    guard let bytes = utf8.baseAddress, let first = rest.first ?? tokens[base...].first else {
      isDone = true
      return Piece(range: startByte..<utf8.count, tokens: nextTokens(remaining))
    }
    let scalar = first.range.lowerBound
    let stop = scalar + UTF8Decoding.step(bytes, at: scalar, end: utf8.count).length
    let piece = startByte..<stop
    startByte = stop
    repeated = 0
    encodeRestOfWord(nextToken: rest.isEmpty ? base + 1 : base)
    var ids: [Int32] = []
    tokenizer.encode(UnsafeBufferPointer(rebasing: utf8[piece]), appendingTo: &ids)
    return Piece(range: piece, tokens: ids)
  }

  /// Encodes what is left of a word from `startByte`.
  ///
  /// - Parameter nextToken: a token of that word, or the first one behind it.
  private mutating func encodeRestOfWord(nextToken: Int) {
    base = nextToken
    while base < tokens.count && tokenizer.continuesWord(tokens[base].id) { base += 1 }
    let stop = base < tokens.count ? max(startByte, cuts[base].byte) : utf8.count
    rest.removeAll()
    tokenizer.encodeWithOffsets(UnsafeBufferPointer(rebasing: utf8[startByte..<stop]), appendingTo: &rest)
    for index in rest.indices {
      let range = rest[index].range
      rest[index].range = range.lowerBound + startByte..<range.upperBound + startByte
    }
  }

  private func findCuts() -> [(quality: UInt8, byte: Int)] {
    guard let bytes = utf8.baseAddress else { return [] }
    let sentences = SentenceSegmenter().sentences(in: utf8)
    var nextSentence = 0
    var cuts: [(quality: UInt8, byte: Int)] = []
    cuts.reserveCapacity(tokens.count)
    var previous = 0
    for token in tokens {
      let start = token.range.lowerBound
      if start < previous {
        cuts.append((Quality.impossible, start))
      } else if tokenizer.continuesWord(token.id) {
        cuts.append((Quality.insideWord, start))
      } else {
        while nextSentence < sentences.count && sentences[nextSentence].lowerBound < previous {
          nextSentence += 1
        }
        if nextSentence < sentences.count && sentences[nextSentence].lowerBound <= start {
          cuts.append((Quality.sentence, sentences[nextSentence].lowerBound))
        } else {
          cuts.append((Self.quality(of: previous..<start, in: bytes), start))
        }
      }
      previous = token.range.upperBound
    }
    return cuts
  }

  /// The quality of a cut between two words, by what stands between them and before.
  private static func quality(of gap: Range<Int>, in bytes: UnsafePointer<UInt8>) -> UInt8 {
    var hasWhiteSpace = false
    var index = gap.lowerBound
    while index < gap.upperBound {
      let step = UTF8Decoding.step(bytes, at: index, end: gap.upperBound)
      switch step.scalar {
      case 0x0A, 0x0D, 0x2028: return Quality.lineBreak
      default: hasWhiteSpace = hasWhiteSpace || WhiteSpace.contains(step.scalar)
      }
      index += step.length
    }
    guard gap.lowerBound > 0 else { return Quality.whiteSpace }
    var last = gap.lowerBound - 1
    while last > 0 && bytes[last] & 0xC0 == 0x80 { last -= 1 }
    switch UTF8Decoding.step(bytes, at: last, end: gap.lowerBound).scalar {
    case 0x3001, 0xFF0C, 0xFF1A, 0xFF1B, 0x060C, 0x061B: return Quality.clause
    case 0x2C, 0x3A, 0x3B, 0x29, 0x5D, 0x2013, 0x2014:
      return hasWhiteSpace ? Quality.clause : Quality.betweenWords
    default: return hasWhiteSpace ? Quality.whiteSpace : Quality.betweenWords
    }
  }
}
