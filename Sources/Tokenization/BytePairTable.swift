import Diagnostics

/// A BPE vocabulary made ready for merging: symbols by their bytes, and which pairs of them merge into what.
///
/// Symbols are the tokens and, behind them, what merges go through without its being a token. Only pieces of
/// text can be found by their bytes: so whatever a text says, no control token comes out of it.
struct BytePairTable: Sendable {
  /// The bytes that each token stands for, then those of the other symbols.
  var symbols: ByteStrings { index.symbols }
  let tokenCount: Int
  let kinds: [TokenKind]
  private(set) var index: SymbolIndex
  private(set) var pairs: PairTable
  /// Byte-level: the symbol of each byte, from which merging starts. SentencePiece: of each ASCII scalar, or -1.
  private(set) var startSymbols: [Int32]
  /// The token of each single byte, or -1: what is written for symbols that are no tokens.
  private(set) var byteTokens: [Int32]
  /// Whether no token has a space behind something else, so that words can be merged one by one.
  private(set) var splitsAtSpaces = true

  /// The longest token of a SentencePiece vocabulary, in bytes, by the default of its trainer 16 scalars.
  private static let longestPiece = 1_024

  init(_ vocabulary: BytePairVocabulary, kinds: [TokenKind], source: String) throws(SibylError) {
    tokenCount = vocabulary.tokens.count
    self.kinds = kinds
    startSymbols = [Int32](repeating: -1, count: 256)
    byteTokens = [Int32](repeating: -1, count: 256)
    switch vocabulary.scheme {
    case .byteLevel(_, let merges):
      index = Self.byteLevelIndex(vocabulary.tokens, kinds)
      pairs = PairTable(capacity: merges.count)
      addBytes()
      add(merges)
    case .sentencePiece(let scores):
      index = Self.sentencePieceIndex(vocabulary.tokens, kinds)
      pairs = PairTable(capacity: 0)
      try add(scores, source: source)
      addSingleBytes(vocabulary.tokens)
    }
  }

  private static func isText(_ kind: TokenKind) -> Bool {
    switch kind {
    case .normal, .undefined, .unused: true
    case .unknown, .control, .userDefined, .byte: false
    }
  }

  // MARK: Byte-level

  private static func byteLevelIndex(_ tokens: ByteStrings, _ kinds: [TokenKind]) -> SymbolIndex {
    var decoded = ByteStrings()
    decoded.reserve(strings: tokens.count + 256, bytes: tokens.bytes.count)
    var isFindable = [Bool](repeating: false, count: tokens.count)
    var bytes: [UInt8] = []
    for id in 0..<tokens.count {
      bytes.removeAll(keepingCapacity: true)
      if isText(kinds[id]), ByteLevelAlphabet.decode(tokens[id], appendingTo: &bytes) {
        decoded.append(bytes)
        isFindable[id] = !bytes.isEmpty
      } else {
        decoded.append(tokens[id])
      }
    }
    return makeIndex(decoded, isFindable)
  }

  private static func makeIndex(_ symbols: ByteStrings, _ isFindable: [Bool]) -> SymbolIndex {
    var index = SymbolIndex(symbols: symbols, capacity: symbols.count + 256)
    for id in isFindable.indices where isFindable[id] { index.insert(Int32(truncatingIfNeeded: id)) }
    return index
  }

  private mutating func addBytes() {
    for byte in 0..<256 {
      let symbol = index.insert([UInt8(byte)])
      startSymbols[byte] = symbol
      byteTokens[byte] = Int(symbol) < tokenCount ? symbol : -1
    }
  }

  private mutating func add(_ merges: ByteStrings) {
    var bytes: [UInt8] = []
    for rank in 0..<merges.count {
      let merge = merges[rank]
      guard let separator = merge.dropFirst().firstIndex(of: UInt8(ascii: " ")) else { continue }
      bytes.removeAll(keepingCapacity: true)
      // Merges of letters outside the alphabet can never come about.
      guard ByteLevelAlphabet.decode(merge[..<separator], appendingTo: &bytes) else { continue }
      let leftCount = bytes.count
      guard ByteLevelAlphabet.decode(merge[(separator + 1)...], appendingTo: &bytes),
        leftCount > 0, bytes.count > leftCount
      else { continue }
      let left = index.insert(bytes[..<leftCount])
      let right = index.insert(bytes[leftCount...])
      pairs.insert(left, right, rank: UInt32(truncatingIfNeeded: rank), merged: index.insert(bytes))
    }
  }

  // MARK: SentencePiece

  /// Tokens with spaces for `▁`, which is also what is done to the text.
  private static func sentencePieceIndex(_ tokens: ByteStrings, _ kinds: [TokenKind]) -> SymbolIndex {
    var decoded = ByteStrings()
    decoded.reserve(strings: tokens.count + 256, bytes: tokens.bytes.count)
    var isFindable = [Bool](repeating: false, count: tokens.count)
    for id in 0..<tokens.count {
      switch kinds[id] {
      case .byte:
        decoded.append(byteValue(tokens[id]).map { [$0] } ?? [])
      case let kind where isText(kind):
        let bytes = SentencePieceSpace.decode(tokens[id])
        decoded.append(bytes)
        isFindable[id] = !bytes.isEmpty
      default:
        decoded.append(tokens[id])
      }
    }
    return makeIndex(decoded, isFindable)
  }

  /// The byte that a token `<0x0A>` stands for.
  private static func byteValue(_ token: ArraySlice<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token.last == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: token.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
  }

  private mutating func addSingleBytes(_ tokens: ByteStrings) {
    for id in 0..<tokenCount where kinds[id] == .byte {
      if let byte = symbols[id].first { byteTokens[Int(byte)] = Int32(truncatingIfNeeded: id) }
    }
    for byte in UInt8(0)..<0x80 { startSymbols[Int(byte)] = index.find([byte]) ?? -1 }
  }

  /// A token may come from any two neighbours that make it up; its score says when.
  private mutating func add(_ scores: [Float], source: String) throws(SibylError) {
    guard scores.count == tokenCount, scores.allSatisfy(\.isFinite) else {
      throw SibylError(
        .corruptFile,
        "\(source) has no finite score for each of its \(tokenCount) tokens; get the model anew")
    }
    let order = (0..<tokenCount).filter { Self.isText(kinds[$0]) }
      .sorted { (scores[$1], $0) < (scores[$0], $1) }
    var found: [(left: Int32, right: Int32, rank: UInt32, merged: Int32)] = []
    var rank: UInt32 = 0
    var score = Float.infinity
    for id in order {
      if scores[id] < score {
        rank += 1
        score = scores[id]
      }
      let piece = Array(symbols[id])
      guard piece.count <= Self.longestPiece else {
        throw SibylError(
          .corruptFile,
          "\(source) has a token of \(piece.count) bytes, where at most \(Self.longestPiece) are expected")
      }
      for cut in piece.indices.dropFirst() {
        if piece[cut] == UInt8(ascii: " "), piece[cut - 1] != UInt8(ascii: " ") { splitsAtSpaces = false }
        guard piece[cut] & 0xC0 != 0x80, let left = symbol(of: piece[..<cut]),
          let right = symbol(of: piece[cut...])
        else { continue }
        found.append((left, right, rank, Int32(truncatingIfNeeded: id)))
      }
    }
    pairs = PairTable(capacity: found.count)
    for one in found { pairs.insert(one.left, one.right, rank: one.rank, merged: one.merged) }
  }

  /// The symbol with these bytes; a single scalar becomes one where it is no token.
  private mutating func symbol(of bytes: ArraySlice<UInt8>) -> Int32? {
    if let known = index.find(bytes) { return known }
    let isScalar = bytes.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
    return isScalar ? index.insert(bytes) : nil
  }
}
