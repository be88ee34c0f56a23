import Diagnostics
import Models
import Sampling
import Tensor
import Tokenization

/// One prompt in a decoder's batch: how far it has been read, and what has been written behind it.
///
/// Threads: belongs to the decoder's thread.
final class GenerationRow {
  let item: GenerationQueue.Item
  let prompt: [Int32]
  let sequence: CachedSequence
  /// Pages that it may still take.
  private(set) var reservedPages: Int
  /// Tokens to read next: the rest of the prompt, then what was written.
  private var pending: [Int32]
  private var isReadingPrompt = true
  private var work: Work

  private enum Work {
    case writing(Writing)
    case judging(Judging)
  }

  private struct Writing {
    var answer: Answer
    var sampler: Sampler
    var constraint: ConstraintState?
  }

  private struct Judging {
    let choices: [[Int32]]
    var scores: [Double]
    /// Choices whose later tokens have not been read.
    var left: [Int] = []
    /// The one that is being read, on the row's sequence, which forgets it afterwards.
    var current: Int?
  }

  /// - Parameter sequence: has read the beginning of the prompt.
  init(_ item: GenerationQueue.Item, sequence: CachedSequence, model: DecoderModel) {
    self.item = item
    prompt = item.request.prompts[item.prompt]
    self.sequence = sequence
    pending = Array(prompt[sequence.length...])
    switch item.request.task {
    case .write(let options):
      var writing = Writing(
        answer: Answer(options.stop, tokenizer: model.tokenizer), sampler: Sampler(options.sampling),
        constraint: options.constraint.map(ConstraintState.init))
      pending += writing.takeForced()
      work = .writing(writing)
    case .judge(let choices):
      work = .judging(Judging(choices: choices, scores: choices.map { _ in 0 }))
    }
    reservedPages = 0
    reservedPages = sequence.pagesNeeded(for: Self.tokensAhead(item, from: sequence.length))
  }

  /// The most tokens that a prompt's sequence may grow by from a length.
  static func tokensAhead(_ item: GenerationQueue.Item, from length: Int) -> Int {
    item.request.prompts[item.prompt].count - length + mostAnswerTokens(item.request.task)
  }

  static func mostAnswerTokens(_ task: GenerationRequest.Task) -> Int {
    switch task {
    case .write(let options): options.stop.maximumTokens
    case .judge(let choices): choices.map(\.count).max() ?? 0
    }
  }

  /// How many tokens it has to read before its next logits.
  var pendingCount: Int { pending.count }

  /// Adds the next tokens to a batch, at most so many.
  ///
  /// - Returns: where its logits will be; empty where more has to be read first.
  func append(to batch: inout DecoderBatch, atMost limit: Int) -> Range<Int> {
    let count = min(limit, pending.count)
    let wantsAll =
      if case .judging(let judging) = work { judging.current != nil } else { false }
    // The logits of a choice are wanted after each of its tokens; it is read in one piece.
    let logits: DecoderBatch.Logits = wantsAll ? .all : count == pending.count ? .last : .none
    let before = sequence.pagesNeeded(for: count)
    let range = batch.append(pending[..<count], to: sequence, logits: logits)
    reservedPages = max(reservedPages - before, 0)
    pending.removeFirst(count)
    return range
  }

  /// The tokens that a choice needs in one batch; 1 where there is no such bound.
  var leastTokensAtOnce: Int {
    if case .judging(let judging) = work, judging.current != nil { return pending.count }
    return 1
  }

  /// Takes the logits that were asked for.
  ///
  /// - Returns: the outcome, once it is there.
  func take(
    _ rows: Range<Int>, of state: LlamaState, mask: inout TokenMask, counters: inout GenerationCounters,
    prefixes: inout PrefixStore
  ) -> Result<GenerationRequest.Outcome, SibylError>? {
    guard let last = rows.last else { return nil }
    if isReadingPrompt {
      isReadingPrompt = false
      if item.request.prompts.count == 1 { prefixes.note(prompt, sequence) }
    }
    switch work {
    case .writing(var writing):
      // Its buffers are not copied while nobody else holds them.
      work = .judging(Judging(choices: [], scores: []))
      let before = writing.answer.tokens.count
      pending = writing.take(state[logits: last], mask: &mask)
      counters.writtenTokens += writing.answer.tokens.count - before
      let outcome = writing.outcome
      work = .writing(writing)
      if let outcome { return .success(outcome) }
      guard pending.isEmpty else { return nil }
      return .failure(
        SibylError(.internalFault, "an answer can't go on and is not complete; please report this defect"))
    case .judging(var judging):
      let outcome = judging.take(rows, of: state, promptLength: prompt.count, sequence, &pending)
      work = .judging(judging)
      return outcome.map(Result.success)
    }
  }
}

extension GenerationRow.Writing {
  fileprivate var outcome: GenerationRequest.Outcome? {
    guard let reason = answer.finishReason else { return nil }
    return .text(GeneratedText(text: answer.text, tokenCount: answer.tokens.count, finishReason: reason))
  }

  /// Writes what can only follow here.
  fileprivate mutating func takeForced() -> [Int32] {
    guard let state = constraint else { return [] }
    var taken: [Int32] = []
    for token in state.forcedTokens(tokensLeft: answer.tokensLeft) where append(token) { taken.append(token) }
    return taken
  }

  /// Chooses the next token, and writes what can only follow it.
  ///
  /// - Returns: the tokens to read before the next choice.
  fileprivate mutating func take(_ logits: UnsafeBufferPointer<Float>, mask: inout TokenMask) -> [Int32] {
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

extension GenerationRow.Judging {
  /// Logits after the prompt tell of every choice's first token; those after a choice's tokens of the next ones.
  fileprivate mutating func take(
    _ rows: Range<Int>, of state: LlamaState, promptLength: Int, _ sequence: CachedSequence,
    _ pending: inout [Int32]
  ) -> GenerationRequest.Outcome? {
    if let choice = current {
      for (row, token) in zip(rows, choices[choice].dropFirst()) {
        scores[choice] += ChoiceScores.logProbability(of: token, in: state[logits: row])
      }
      sequence.truncate(to: promptLength)
    } else if let last = rows.last {
      let logits = state[logits: last]
      for (choice, tokens) in choices.enumerated() {
        guard let token = tokens.first else { continue }
        scores[choice] = ChoiceScores.logProbability(of: token, in: logits)
        if tokens.count > 1 { left.append(choice) }
      }
    }
    guard let next = left.popLast() else { return .scores(scores) }
    current = next
    pending = Array(choices[next].dropLast())
    return nil
  }
}
