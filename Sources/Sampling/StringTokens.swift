/// What each token is inside a JSON string, worked out once a vocabulary: there nearly every token is allowed,
/// and none of those that leave the string open depends on what comes behind it.
struct StringTokens: Sendable {
  /// The tokens that may stand between two characters and leave the string open, by how many bytes are then
  /// missing to a whole character: at most 0, 1, 2 and 3.
  private(set) var open: [TokenMask]
  /// The same tokens, those with the most characters first, as far as they have more than one.
  private(set) var byLength: [(characters: Int32, token: Int32)] = []
  /// The tokens that close the string, perhaps behind some characters and with more behind the quote.
  let closing: TokenTrie

  /// - Parameter mayCut: whether a token may end inside a scalar: only where single bytes can go on from there.
  init(_ listed: [(bytes: ArraySlice<UInt8>, token: Int32)], vocabularySize: Int, mayCut: Bool) {
    open = [TokenMask](repeating: TokenMask(vocabularySize: vocabularySize), count: 4)
    var closing: [(bytes: ArraySlice<UInt8>, token: Int32)] = []
    for (bytes, token) in listed where !bytes.isEmpty && bytes.count <= TokenTrie.longestToken {
      var phase = StringPhase.plain
      var characters: Int32 = 0
      for byte in bytes {
        if phase == StringPhase.plain { characters += 1 }
        phase = StringPhase.next(phase, byte)
        if phase >= StringPhase.invalid { break }
      }
      if phase == StringPhase.closed {
        closing.append((bytes, token))
      } else if phase != StringPhase.invalid, mayCut || phase <= StringPhase.escape {
        for missing in Int(StringPhase.bytesLeft(phase))...3 { open[missing].insert(token) }
        if characters > 1 { byLength.append((characters, token)) }
      }
    }
    byLength.sort { ($1.characters, $0.token) < ($0.characters, $1.token) }
    self.closing = TokenTrie(closing)
  }
}
