import Diagnostics

/// How many tokens it takes, at most, to finish an answer from each place of a grammar, so that an answer can be
/// closed before its tokens run out.
///
/// The figure is an upper bound that can always be kept to: from every state of cost c > 0 some token leads to one
/// of cost c - 1 or less. Strings are closed, arrays ended as soon as they may be, optional properties left out;
/// what stands there in any case is spelt with the fewest tokens.
struct ClosingCosts {
  /// For each place, counting arrays around it as if they could end after this element.
  private(set) var places: [Int32]
  /// For each array, what one more element costs.
  private(set) var elements: [Int32]
  /// No state costs more.
  private(set) var greatest: Int32

  /// No answer is that long; figures stop there.
  static let tooLong: Int32 = 1 << 24
  /// What cannot be spelt.
  private static let impossible: Int32 = 1 << 28

  /// - Throws: `invalidArgument` where the vocabulary cannot spell something.
  init(_ grammar: Grammar, _ trie: TokenTrie) throws(SibylError) {
    places = [Int32](repeating: Self.impossible, count: grammar.nodeCount)
    elements = [Int32](repeating: 0, count: grammar.arrayCount)
    greatest = 0
    // Places lead to those before them, but for a comma, which leads back to the elements of its array.
    for place in 0..<grammar.nodeCount {
      places[place] = cost(of: place, grammar, trie)
      guard places[place] != Self.impossible else {
        throw SibylError(
          .invalidArgument,
          "the model's vocabulary has no tokens for a character of the choices or the schema; spell it in another "
            + "way, or use another model")
      }
    }
    for place in 0..<grammar.nodeCount {
      greatest = max(greatest, greatestCost(at: place, grammar))
    }
  }

  private mutating func cost(of place: Int, _ grammar: Grammar, _ trie: TokenTrie) -> Int32 {
    let node = grammar.nodes[place]
    let next = node.next >= 0 ? places[Int(node.next)] : Self.impossible
    switch node.kind {
    case .end: return 0
    case .branch: return min(next, spellingCost(from: node, grammar, trie))
    case .dispatch:
      var best = Self.impossible
      for edge in Int(node.firstEdge)..<Int(node.firstEdge + node.edgeCount) {
        best = min(best, stateCost(of: grammar.edgeTargets[edge], grammar))
      }
      return best
    // Without the characters that a string must have, which a state counts.
    case .string: return Self.sum(next, 1)
    // Without the digits.
    case .number: return next
    case .afterElement: return Self.sum(next, 1)
    case .arrayStart:
      let array = grammar.arrays[Int(node.rule)]
      let after = places[Int(array.afterElement)]
      let element = stateCost(of: array.element, grammar)
      let separator = stateCost(of: array.separator, grammar)
      elements[Int(node.rule)] = Self.sum(separator, 1 - after)
      if array.least == 0 { return Self.sum(next, 1) }
      return Self.sum(element, Self.product(elements[Int(node.rule)], Int32(array.least) - 1))
    }
  }

  /// The cost of a state that has just come to a place.
  private func stateCost(of place: Int32, _ grammar: Grammar) -> Int32 {
    Self.sum(places[Int(place)], Self.startCost(grammar.nodes[Int(place)], grammar))
  }

  /// What a value that has not begun adds to its place's cost.
  private static func startCost(_ node: GrammarNode, _ grammar: Grammar) -> Int32 {
    switch node.kind {
    case .string: grammar.strings[Int(node.rule)].least
    case .number: grammar.numbers[Int(node.rule)].bytesLeft(NumberRule.Progress()) ?? impossible
    default: 0
    }
  }

  /// The fewest tokens along edges, and what is to come behind them.
  private func spellingCost(from node: GrammarNode, _ grammar: Grammar, _ trie: TokenTrie) -> Int32 {
    var best = Self.impossible
    var path = [GrammarNode](repeating: node, count: trie.greatestDepth + 1)
    for edge in Int(node.firstEdge)..<Int(node.firstEdge + node.edgeCount) {
      guard let first = Int(exactly: trie.children[Int(grammar.edgeBytes[edge])]), first >= 0 else {
        continue
      }
      var index = first
      let end = Int(trie.nodes[first].end)
      while index < end {
        let entry = trie.nodes[index]
        let from = path[Int(entry.depth) - 1]
        let target = from.kind == .branch ? grammar.target(of: from, entry.byte) : -1
        guard target >= 0 else {
          index = Int(entry.end)
          continue
        }
        if trie.nodes[index + 1].firstToken > entry.firstToken {
          best = min(best, Self.sum(stateCost(of: target, grammar), 1))
        }
        path[Int(entry.depth)] = grammar.nodes[Int(target)]
        index += 1
      }
    }
    return best
  }

  private func greatestCost(at place: Int, _ grammar: Grammar) -> Int32 {
    let node = grammar.nodes[place]
    var cost = places[place]
    switch node.kind {
    case .string: cost = Self.sum(cost, grammar.strings[Int(node.rule)].least + 3)
    case .number: cost = Self.sum(cost, 40)
    default: break
    }
    var array = Int(node.array)
    while array >= 0 {
      cost = Self.sum(cost, Self.product(elements[array], Int32(grammar.arrays[array].least)))
      array = Int(grammar.arrays[array].parent)
    }
    return cost
  }

  private static func sum(_ a: Int32, _ b: Int32) -> Int32 {
    a == impossible || b == impossible ? impossible : min(tooLong, a + b)
  }

  private static func product(_ a: Int32, _ b: Int32) -> Int32 {
    let (product, overflowed) = a.multipliedReportingOverflow(by: b)
    return overflowed ? tooLong : min(tooLong, product)
  }

  // MARK: States

  @inline(__always)
  func cost(_ state: GrammarState, _ grammar: Grammar) -> Int32 {
    let node = grammar.nodes[Int(state.node)]
    var cost = places[Int(state.node)]
    switch node.kind {
    case .string:
      cost &+= StringPhase.bytesLeft(state.phase)
      cost &+= max(0, grammar.strings[Int(node.rule)].least &- state.count)
    case .number:
      cost &+= grammar.numbers[Int(node.rule)].bytesLeft(grammar.progress(state)) ?? Self.impossible
    default: break
    }
    var array = Int(node.array)
    while array >= 0 {
      let rule = grammar.arrays[array]
      let begun = state.elements[rule.level]
      if begun < rule.least {
        cost = Self.sum(cost, Self.product(elements[array], Int32(rule.least &- begun)))
      }
      array = Int(rule.parent)
    }
    return min(cost, Self.tooLong)
  }
}
