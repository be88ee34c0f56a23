import Diagnostics
import Models
import Sampling
import Tensor
import Tokenization

/// One prompt in a decoder's batch: how far it has been read, and what has been written behind it.
///
/// Threads: belongs to the decoder's thread, but for `take`.
final class GenerationRow {
  let item: GenerationQueue.Item
  let prompt: [Int32]
  let sequence: CachedSequence
  /// Pages that it may still take.
  private(set) var reservedPages: Int
  /// Tokens to read next: the rest of the prompt, then what was written.
  private var pending: [Int32]
  private var isReadingPrompt = true
  /// What came of the prompt, once it is known.
  private(set) var outcome: Result<GenerationRequest.Outcome, SibylError>?
  /// Tokens that were written when logits were last taken.
  private(set) var writtenAtOnce = 0
  private var work: Work

  private enum Work {
    case writing(AnswerInWriting)
    case judging(ChoicesInJudgement)
  }

  /// - Parameter sequence: has read the beginning of the prompt.
  init(_ item: GenerationQueue.Item, sequence: CachedSequence, model: DecoderModel) {
    self.item = item
    prompt = item.request.prompts[item.prompt]
    self.sequence = sequence
    pending = Array(prompt[sequence.length...])
    switch item.request.task {
    case .write(let options):
      var writing = AnswerInWriting(options, tokenizer: model.tokenizer)
      pending += writing.takeForced()
      work = .writing(writing)
    case .judge(let choices):
      work = .judging(ChoicesInJudgement(choices))
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

  /// Takes the logits that were asked for, and decides on what to read next. Rows touch nothing in common here, so that
  /// each may be on another core.
  func take(_ rows: Range<Int>, of state: LlamaState, mask: inout TokenMask) {
    writtenAtOnce = 0
    guard let last = rows.last else { return }
    switch work {
    case .writing(var writing):
      // Its buffers are not copied while nobody else holds them.
      work = .judging(ChoicesInJudgement([]))
      let before = writing.tokenCount
      pending = writing.take(state[logits: last], mask: &mask)
      writtenAtOnce = writing.tokenCount - before
      outcome = writing.outcome.map(Result.success)
      work = .writing(writing)
      if outcome == nil, pending.isEmpty { outcome = .failure(Self.deadEnd) }
    case .judging(var judging):
      outcome = judging.take(rows, of: state, promptLength: prompt.count, sequence, &pending).map(
        Result.success)
      work = .judging(judging)
    }
  }

  private static let deadEnd = SibylError(
    .internalFault, "an answer can't go on and is not complete; please report this defect")

  /// Notes a prompt that has just been read for itself; once.
  func notePrompt(in prefixes: inout PrefixStore) {
    guard isReadingPrompt else { return }
    isReadingPrompt = false
    if item.request.prompts.count == 1 { prefixes.note(prompt, sequence) }
  }
}
