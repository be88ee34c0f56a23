import Tokenization

/// Cuts a text into chunks of a limited number of tokens: whole sentences where they fit, otherwise whole
/// words.
struct TextChunker {
  struct Chunk: Equatable {
    let text: String
    /// The position of its first character (Unicode scalar), from 1, as SQLite's substr counts.
    let start: Int
    /// The number of its characters.
    let length: Int
  }

  /// Appends the tokens of UTF-8 text, with byte offsets.
  typealias Tokenize = (UnsafeBufferPointer<UInt8>, inout [Token]) -> Void

  let maximumTokens: Int
  let overlap: Int
  let tokenize: Tokenize

  /// A stretch of text that is not cut further.
  private struct Piece {
    let range: Range<Int>
    let tokens: Int
  }

  func chunks(of text: String) -> [Chunk] {
    var text = text
    return text.withUTF8 { bytes in
      var characters = CharacterCounter(bytes)
      return ranges(of: bytes).map { range in
        Chunk(
          text: String(decoding: bytes[range], as: UTF8.self),
          start: characters.count(upTo: range.lowerBound) + 1,
          length: CharacterCounter.count(bytes[range]))
      }
    }
  }

  /// The chunks as byte ranges.
  private func ranges(of bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var current: [Piece] = []
    var total = 0
    // Whether the current chunk holds anything that the one before did not.
    var hasNew = false
    for piece in pieces(of: bytes) {
      if hasNew, total + piece.tokens > maximumTokens {
        chunks.append(current[0].range.lowerBound..<current[current.count - 1].range.upperBound)
        current = tail(of: current, before: piece)
        total = current.reduce(0) { $0 + $1.tokens }
      }
      current.append(piece)
      total += piece.tokens
      hasNew = true
    }
    if let first = current.first, let last = current.last, hasNew {
      chunks.append(first.range.lowerBound..<last.range.upperBound)
    }
    return chunks
  }

  /// The pieces at the end of a chunk that come again in the next: as many as fit the overlap, and leave room
  /// for what follows.
  private func tail(of pieces: [Piece], before next: Piece) -> [Piece] {
    var room = min(overlap, maximumTokens - next.tokens)
    var start = pieces.count
    // The first piece stays out: a chunk that repeats all of the one before would not get on.
    while start > 1, pieces[start - 1].tokens <= room {
      start -= 1
      room -= pieces[start].tokens
    }
    return Array(pieces[start...])
  }

  /// Sentences; those that are too long as runs of words.
  private func pieces(of bytes: UnsafeBufferPointer<UInt8>) -> [Piece] {
    var pieces: [Piece] = []
    var tokens: [Token] = []
    for sentence in SentenceBoundaries(bytes) {
      tokens.removeAll(keepingCapacity: true)
      tokenize(UnsafeBufferPointer(rebasing: bytes[sentence]), &tokens)
      // White space and control characters only.
      guard !tokens.isEmpty else { continue }
      if tokens.count <= maximumTokens {
        pieces.append(Piece(range: sentence, tokens: tokens.count))
      } else {
        cut(sentence, tokens, of: bytes, into: &pieces)
      }
    }
    return pieces
  }

  /// Cuts a long sentence into runs of words.
  private func cut(
    _ sentence: Range<Int>, _ tokens: [Token], of bytes: UnsafeBufferPointer<UInt8>,
    into pieces: inout [Piece]
  ) {
    let words = words(of: sentence, tokens, bytes)
    var run: Piece?
    for word in words {
      if let open = run, open.tokens + word.tokens <= maximumTokens {
        run = Piece(range: open.range.lowerBound..<word.range.upperBound, tokens: open.tokens + word.tokens)
      } else {
        if let open = run { pieces.append(open) }
        run = word
      }
    }
    if let run { pieces.append(run) }
  }

  /// The words of a sentence: runs of tokens between which there is white space, or a script that writes
  /// without it.
  private func words(
    of sentence: Range<Int>, _ tokens: [Token], _ bytes: UnsafeBufferPointer<UInt8>
  ) -> [Piece] {
    var words: [Piece] = []
    for token in tokens {
      let start = sentence.lowerBound + token.range.lowerBound
      let end = sentence.lowerBound + token.range.upperBound
      if let last = words.last, start <= last.range.upperBound, !beginsWord(at: start, bytes) {
        words[words.count - 1] = Piece(
          range: last.range.lowerBound..<max(end, last.range.upperBound), tokens: last.tokens + 1)
      } else {
        words.append(Piece(range: start..<end, tokens: 1))
      }
    }
    return words
  }

  /// Whether the character is one that stands as a word of its own: CJK ideographs and kana take three or
  /// four bytes and begin at U+2E80.
  private func beginsWord(at offset: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard offset + 1 < bytes.count else { return false }
    return bytes[offset] > 0xE2 || (bytes[offset] == 0xE2 && bytes[offset + 1] >= 0xBA)
  }
}
