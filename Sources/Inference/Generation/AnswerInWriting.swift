import Sampling
import Tokenization

/// An answer as it is being written.
///
/// Threads: belongs to the decoder's thread.
struct AnswerInWriting {
  private var answer: GeneratedAnswer
  private var sampler: Sampler
  private var constraint: ConstraintState?

  init(_ options: GenerationOptions, tokenizer: BytePairTokenizer) {
    answer = GeneratedAnswer(options.stop, tokenizer: tokenizer)
    sampler = Sampler(options.sampling)
    constraint = options.constraint.map(ConstraintState.init)
  }

  var tokenCount: Int { answer.tokens.count }

  /// What has been written, once it is whole.
  var outcome: GenerationRequest.Outcome? {
    guard let reason = answer.finishReason else { return nil }
    return .text(GeneratedText(text: answer.text, tokenCount: answer.tokens.count, finishReason: reason))
  }

  /// Writes what can only follow here.
  mutating func takeForced() -> [Int32] {
    guard let state = constraint else { return [] }
    var taken: [Int32] = []
    for token in state.forcedTokens(tokensLeft: answer.tokensLeft) where append(token) { taken.append(token) }
    return taken
  }

  /// Chooses the next token, and writes what can only follow it.
  ///
  /// - Returns: the tokens to read before the next choice.
  mutating func take(_ logits: UnsafeBufferPointer<Float>, mask: inout TokenMask) -> [Int32] {
    let step = answer.tokens.count
    let token: Int32
    if let constraint {
      constraint.fill(&mask, tokensLeft: answer.tokensLeft)
      token = sampler.token(from: logits, allowed: mask, step: step)
    } else {
      token = sampler.token(from: logits, step: step)
    }
    guard append(token), !answer.isFinished else { return [] }
    return [token] + takeForced()
  }

  /// - Returns: false where the token was not allowed, or comes behind the end.
  private mutating func append(_ token: Int32) -> Bool {
    guard !answer.isFinished, constraint?.advance(token) ?? true else { return false }
    answer.append(token)
    if constraint?.isComplete == true { answer.complete() }
    return true
  }
}
