import Tokenization

/// How far one sequence has come under a constraint.
public struct ConstraintState: Sendable {
  public let constraint: Constraint
  var state: GrammarState
  /// Whether an end token came.
  public private(set) var hasEnded = false

  public init(_ constraint: Constraint) {
    self.constraint = constraint
    state = constraint.grammar.startState
  }

  /// Whether the answer is whole and nothing can follow: generation stops here, without an end token.
  public var isComplete: Bool {
    hasEnded || constraint.grammar.nodes[Int(state.node)].kind == .end
  }

  /// Whether the answer is whole as it is; more may follow.
  public var canEnd: Bool { hasEnded || constraint.grammar.canEnd(state) }

  /// How many tokens it takes at most to make the answer whole from here.
  public var closingTokens: Int { hasEnded ? 0 : Int(constraint.costs.cost(state, constraint.grammar)) }

  /// Takes a token; false, and nothing changes, where it is not allowed.
  @discardableResult
  public mutating func advance(_ token: Int32) -> Bool {
    let tokenizer = constraint.vocabulary.tokenizer
    guard !hasEnded else { return false }
    if tokenizer.isEnd(token) {
      hasEnded = canEnd
      return hasEnded
    }
    switch tokenizer.kind(of: token) {
    case .normal, .userDefined, .byte, .undefined: break
    default: return false
    }
    let bytes = tokenizer.bytes(of: token)
    guard !bytes.isEmpty else { return false }
    var next = state
    for byte in bytes where !constraint.grammar.step(&next, byte) { return false }
    state = next
    return true
  }

  /// The tokens that may come next.
  ///
  /// A token is left out, too, where the answer could not be finished behind it: with `tokensLeft` counting down
  /// from `Constraint.leastTokens` or more, every answer is whole before its tokens are used up. With fewer left
  /// than it takes, tokens on the shortest way are allowed. The mask is empty only where an answer is complete
  /// and the vocabulary has no end token.
  ///
  /// - Parameters:
  ///   - tokensLeft: how many tokens may still come, with the next one.
  ///   - mask: one of the vocabulary's size, whatever is in it.
  public func fill(_ mask: inout TokenMask, tokensLeft: Int) {
    if mask.vocabularySize != constraint.vocabulary.size {
      mask = TokenMask(vocabularySize: constraint.vocabulary.size)
    }
    MaskBuilder(constraint, state, tokensLeft: tokensLeft).fill(&mask, isAtEnd: isComplete)
    if canEnd {
      for id in constraint.vocabulary.tokenizer.endIDs { mask.insert(id) }
    }
  }

  /// The tokens of what can only follow here (names, punctuation), in the tokenizer's own cut, so that they can be
  /// added without asking the model; often none. They are not taken yet: call `advance` with each.
  ///
  /// Where the last of them might have been part of a longer token, as a space before a word, it is left to the
  /// model.
  public func forcedTokens(tokensLeft: Int) -> [Int32] {
    hasEnded ? [] : ForcedTokens(constraint).tokens(from: state, tokensLeft: tokensLeft)
  }
}
