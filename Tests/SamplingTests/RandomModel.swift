import Sampling
import TestSupport
import Tokenization

/// A model that knows nothing: its logits are random, with some tokens that it likes.
struct RandomModel {
  var generator: SeededGenerator
  private var logits: [Float]
  private var sampler = Sampler()
  private var mask: TokenMask

  init(seed: UInt64, vocabularySize: Int) {
    generator = SeededGenerator(seed: seed)
    logits = [Float](repeating: 0, count: vocabularySize)
    for index in logits.indices { logits[index] = Float.random(in: -1...1, using: &generator) }
    mask = TokenMask(vocabularySize: vocabularySize)
  }

  /// New logits for some tokens; the rest stays as it is, which a test of a large vocabulary is quicker for.
  private mutating func change() {
    for _ in 0..<64 {
      let index = Int.random(in: logits.indices, using: &generator)
      logits[index] = Float.random(in: -1...2, using: &generator)
    }
  }

  /// Lets the model answer under a constraint until it is done or its tokens are used up.
  mutating func answer(
    _ constraint: Constraint, _ tokenizer: BytePairTokenizer, maximumTokens: Int, usesForcedTokens: Bool,
    each: (ConstraintState, TokenMask, _ tokensLeft: Int) -> Void = { _, _, _ in }
  ) throws -> (answer: GeneratedAnswer, state: ConstraintState) {
    var answer = GeneratedAnswer(try StopCondition(maximumTokens: maximumTokens), tokenizer: tokenizer)
    var state = ConstraintState(constraint)
    while !answer.isFinished {
      if state.isComplete {
        answer.complete()
        break
      }
      let forced = usesForcedTokens ? state.forcedTokens(tokensLeft: answer.tokensLeft) : []
      for token in forced {
        if !state.advance(token) { throw Refusal(token: token) }
        answer.append(token)
      }
      guard forced.isEmpty else { continue }
      state.fill(&mask, tokensLeft: answer.tokensLeft)
      each(state, mask, answer.tokensLeft)
      change()
      let token = logits.withUnsafeBufferPointer {
        sampler.token(from: $0, allowed: mask, step: answer.tokens.count)
      }
      if !state.advance(token) { throw Refusal(token: token) }
      answer.append(token)
    }
    return (answer, state)
  }

  struct Refusal: Error {
    var token: Int32
  }
}
