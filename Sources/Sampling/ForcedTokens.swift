import Tokenization

/// Spells what can only follow.
struct ForcedTokens {
  private let grammar: Grammar
  private let vocabulary: ConstraintVocabulary
  private let costs: ClosingCosts

  /// More at once gain nothing.
  private static let mostBytes = 4_096

  init(_ constraint: Constraint) {
    grammar = constraint.grammar
    vocabulary = constraint.vocabulary
    costs = constraint.costs
  }

  func tokens(from start: GrammarState, tokensLeft: Int) -> [Int32] {
    var bytes: [UInt8] = []
    /// The states before each of the bytes, and behind the last.
    var states = [start]
    var state = start
    while bytes.count < Self.mostBytes, let byte = grammar.forcedByte(state), grammar.step(&state, byte) {
      bytes.append(byte)
      states.append(state)
    }
    guard let spelt = spell(wholeScalars(bytes)) else { return [] }
    var tokens: [Int32] = []
    var count = 0
    for token in spelt {
      guard !mightBeLonger(bytes[count...], states[count]) else { break }
      count += vocabulary.tokenizer.bytes(of: token).count
      guard states.indices.contains(count) else { break }
      tokens.append(token)
    }
    // What is spelt in the tokenizer's way may take more tokens than the shortest way does.
    while let last = tokens.last, tokens.count + Int(costs.cost(states[count], grammar)) > tokensLeft {
      count -= vocabulary.tokenizer.bytes(of: last).count
      tokens.removeLast()
    }
    return tokens
  }

  /// Without a scalar at the end whose last bytes are not forced; nothing where the first one is cut already.
  private func wholeScalars(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    guard let first = bytes.first, first & 0xC0 != 0x80 else { return [] }
    var count = bytes.count
    while count > 0 {
      if String(validating: bytes[..<count], as: UTF8.self) != nil { return bytes[..<count] }
      count -= 1
    }
    return []
  }

  /// The tokenizer's tokens for some bytes; where it puts a space in front, the longest tokens that fit. Nil where
  /// there are none.
  private func spell(_ bytes: ArraySlice<UInt8>) -> [Int32]? {
    guard !bytes.isEmpty else { return nil }
    var tokens: [Int32] = []
    bytes.withUnsafeBufferPointer { vocabulary.tokenizer.encode($0, appendingTo: &tokens) }
    if tokens.lazy.flatMap({ vocabulary.tokenizer.bytes(of: $0) }).elementsEqual(bytes),
      tokens.allSatisfy({ vocabulary.tokenizer.kind(of: $0) != .unknown })
    {
      return tokens
    }
    tokens = []
    var rest = bytes
    while !rest.isEmpty {
      guard let (token, count) = vocabulary.trie.longestPrefix(of: rest) else { return nil }
      tokens.append(token)
      rest = rest.dropFirst(count)
    }
    return tokens
  }

  /// Whether a token that begins where some forced bytes do goes on behind them. What is inside strings does not
  /// count: hardly a text begins in the token of its opening quote.
  private func mightBeLonger(_ bytes: ArraySlice<UInt8>, _ state: GrammarState) -> Bool {
    let trie = vocabulary.trie
    guard bytes.count < trie.greatestDepth, let first = bytes.first,
      var node = Int(exactly: trie.children[Int(first)]), node >= 0
    else { return false }
    var behind = state
    guard grammar.step(&behind, first) else { return false }
    for byte in bytes.dropFirst() {
      let end = Int(trie.nodes[node].end)
      var child = node + 1
      while child < end, trie.nodes[child].byte != byte { child = Int(trie.nodes[child].end) }
      guard child < end, grammar.step(&behind, byte) else { return false }
      node = child
    }
    guard grammar.nodes[Int(behind.node)].kind != .string else { return false }
    let end = Int(trie.nodes[node].end)
    var child = node + 1
    while child < end {
      var next = behind
      // Every node of a trie leads to some token.
      if grammar.step(&next, trie.nodes[child].byte) { return true }
      child = Int(trie.nodes[child].end)
    }
    return false
  }
}
