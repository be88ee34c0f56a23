/// Finds the tokens that may follow a state, by walking the vocabulary and the grammar side by side.
struct MaskBuilder {
  private let grammar: Grammar
  private let vocabulary: ConstraintVocabulary
  private let costs: ClosingCosts
  private let state: GrammarState
  /// What a state may cost behind the token; nil where none can cost too much.
  private let costLimit: Int32?

  init(_ constraint: Constraint, _ state: GrammarState, tokensLeft: Int) {
    grammar = constraint.grammar
    vocabulary = constraint.vocabulary
    costs = constraint.costs
    self.state = state
    if tokensLeft > Int(costs.greatest) {
      costLimit = nil
    } else {
      let cost = costs.cost(state, grammar)
      costLimit = max(Int32(clamping: tokensLeft), cost) - 1
    }
  }

  func fill(_ mask: inout TokenMask, isAtEnd: Bool) {
    guard !isAtEnd else { return mask.removeAll() }
    if fillInsideString(&mask) { return }
    mask.removeAll()
    walk(vocabulary.trie, &mask)
  }

  // MARK: Strings

  /// Fills the mask between two characters of a string: tokens that leave it open are known beforehand, and only
  /// those that close it are tried. False where that does not do.
  private func fillInsideString(_ mask: inout TokenMask) -> Bool {
    let node = grammar.nodes[Int(state.node)]
    guard node.kind == .string, state.phase == StringPhase.plain else { return false }
    let rule = grammar.strings[Int(node.rule)]
    var missing: Int32 = 3
    if let costLimit {
      // Characters that the string must still have would make a long token cheaper than a short one.
      guard state.count >= rule.least else { return false }
      missing = min(3, costLimit - costs.cost(state, grammar))
    }
    let strings = vocabulary.strings
    let room = rule.most - state.count
    if missing < 0 || room <= 0 {
      mask.removeAll()
    } else {
      mask.assign(strings.open[Int(missing)])
      removeTokens(longerThan: room, &mask)
    }
    walk(strings.closing, &mask)
    return true
  }

  private func removeTokens(longerThan room: Int32, _ mask: inout TokenMask) {
    mask.withWords { words in
      vocabulary.strings.byLength.withUnsafeBufferPointer { byLength in
        for (characters, token) in byLength {
          guard characters > room else { return }
          words[Int(token) &>> 6] &= ~(1 &<< UInt64(token & 63))
        }
      }
    }
  }

  // MARK: Walking

  /// Adds the tokens of a trie that may follow.
  private func walk(_ trie: TokenTrie, _ mask: inout TokenMask) {
    mask.withWords { words in
      guard let words = words.baseAddress else { return }
      trie.nodes.withUnsafeBufferPointer { nodes in
        guard let nodes = nodes.baseAddress else { return }
        trie.tokens.withUnsafeBufferPointer { tokens in
          withUnsafeTemporaryAllocation(of: GrammarState.self, capacity: trie.greatestDepth + 1) { path in
            guard let path = path.baseAddress else { return }
            path.initialize(to: state)
            walk(nodes, count: trie.count, tokens, path, words)
          }
        }
      }
    }
  }

  private func walk(
    _ nodes: UnsafePointer<TokenTrie.Node>, count: Int, _ tokens: UnsafeBufferPointer<Int32>,
    _ path: UnsafeMutablePointer<GrammarState>, _ words: UnsafeMutablePointer<UInt64>
  ) {
    var index = 0
    while index < count {
      let node = nodes[index]
      var next = path[Int(node.depth) &- 1]
      guard grammar.step(&next, node.byte) else {
        index = Int(node.end)
        continue
      }
      // States are trivial, so that there is nothing to take down before writing the next one.
      (path + Int(node.depth)).initialize(to: next)
      index &+= 1
      let end = nodes[index].firstToken
      if end > node.firstToken, isAllowed(next) {
        for place in Int(node.firstToken)..<Int(end) {
          let token = Int(tokens[place])
          words[token &>> 6] |= 1 &<< UInt64(token & 63)
        }
      }
    }
  }

  @inline(__always)
  private func isAllowed(_ next: GrammarState) -> Bool {
    if !vocabulary.mayCutScalars, cutsScalar(next) { return false }
    guard let costLimit else { return true }
    return costs.cost(next, grammar) <= costLimit
  }

  private func cutsScalar(_ state: GrammarState) -> Bool {
    grammar.nodes[Int(state.node)].kind == .string && state.phase > StringPhase.escape
  }
}
