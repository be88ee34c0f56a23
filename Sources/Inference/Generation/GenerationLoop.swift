import Diagnostics
import Models
import Sampling
import Tensor

/// The rows that a decoder works on, and its steps: each reads the next tokens of many rows at once.
///
/// Threads: belongs to the decoder's thread.
final class GenerationLoop {
  /// What a step does with the cores that help it.
  typealias Step = ((any Team)?) throws(SibylError) -> Void
  /// Runs a step with the cores that are free, or throws where the process is exiting.
  typealias Perform = @Sendable (Step) throws(SibylError) -> Void

  /// Rows that are under way at once: beyond this, steps get slower as they get larger.
  static let mostRows = 64
  /// Tokens of a step: long prompts are read in pieces, so that the other rows go on meanwhile.
  static let mostTokens = 512
  /// Rows of logits of a step: one a row, or one a token where choices are judged.
  private static let mostLogits = 128

  private let model: DecoderModel
  private let cache: KeyValueCache
  private let state: LlamaState
  private let perform: Perform
  private var rows: [GenerationRow] = []
  /// The next row, which waits for memory.
  private var held: GenerationQueue.Item?
  private var prefixes = PrefixStore()
  /// One for each core that chooses tokens.
  private var masks: [MaskPlace]
  /// What was done since it was last told.
  private var counters = GenerationCounters()

  init(_ model: DecoderModel, cache: KeyValueCache, perform: @escaping Perform) throws(SibylError) {
    self.model = model
    self.cache = cache
    self.perform = perform
    state = try model.decoder.makeState(tokenCapacity: Self.mostTokens, logitCapacity: Self.mostLogits)
    masks = [MaskPlace(model)]
  }

  var isIdle: Bool { rows.isEmpty && held == nil }
  /// Whether another row may come.
  var hasRoom: Bool { held == nil && rows.count < Self.mostRows }

  // MARK: - Rows come

  /// Takes a row in, now or as soon as there is memory for it.
  func admit(_ item: GenerationQueue.Item) {
    do throws(SibylError) {
      guard !item.request.isCancelled else { throw GenerationRequest.cancelled }
      try check(item)
      readShared(item.request)
      let prompt = item.request.prompts[item.prompt]
      while true {
        let sequence = prefixes.sequence(for: prompt, in: cache)
        let needed = sequence.pagesNeeded(for: GenerationRow.tokensAhead(item, from: sequence.length))
        if needed <= freePages {
          counters.sharedTokens += sequence.length
          rows.append(GenerationRow(item, sequence: sequence, model: model))
          return
        }
        // Rows under way give their pages back soon; beginnings that are only kept for later go first otherwise.
        if !rows.isEmpty {
          held = item
          return
        }
        guard prefixes.shrink() else { throw tooLarge(item) }
      }
    } catch { item.request.finish(item.prompt, .failure(error)) }
  }

  /// Pages that no row has been promised.
  private var freePages: Int { cache.freePages - rows.reduce(0) { $0 + $1.reservedPages } }

  private func check(_ item: GenerationQueue.Item) throws(SibylError) {
    let count = item.request.prompts[item.prompt].count
    guard count > 0 else {
      throw SibylError(.invalidArgument, "there is nothing to answer to: the prompt is empty")
    }
    let context = model.decoder.configuration.contextLength
    let more = GenerationRow.mostAnswerTokens(item.request.task)
    guard count + more <= context else {
      throw SibylError(
        .invalidArgument,
        "the prompt has \(count) tokens and the answer may have \(more), but the model \"\(model.name)\" reads "
          + "\(context) in all; shorten the text or lower max_tokens")
    }
  }

  private func tooLarge(_ item: GenerationQueue.Item) -> SibylError {
    let tokens = GenerationRow.tokensAhead(item, from: 0)
    let bytes = KeyValueCache.pages(for: tokens) * cache.shape.pageSize
    return SibylError(
      .unavailable,
      "the prompt and its answer of up to \(tokens) tokens take \(bytes >> 20) MiB of the memory for generation, which "
        + "is \(cache.pageCapacity * cache.shape.pageSize >> 20) MiB; shorten the text, lower max_tokens, or set "
        + "SIBYL_GENERATION_MEMORY (in MiB) higher")
  }

  /// Reads what all prompts of a request begin with, once for all of them. Where that does not work out, each row
  /// reads it for itself, and tells why if that fails too.
  private func readShared(_ request: GenerationRequest) {
    let count = request.sharedCount
    guard count >= PrefixStore.leastTokens, let prompt = request.prompts.first else { return }
    let sequence = prefixes.sequence(for: Array(prompt[...count]), in: cache)
    guard sequence.length < count, sequence.pagesNeeded(for: count - sequence.length) <= freePages else {
      return
    }
    do throws(SibylError) {
      while sequence.length < count {
        guard !request.isCancelled else { return }
        var batch = DecoderBatch()
        batch.append(
          prompt[sequence.length..<min(sequence.length + Self.mostTokens, count)], to: sequence, logits: .none
        )
        try run(batch)
        counters.prefixTokens += batch.tokenCount
      }
      prefixes.keep(Array(prompt[..<count]), sequence)
    } catch {}
  }

  // MARK: - Steps

  /// Lets every row read its next tokens, as far as they fit one step.
  ///
  /// - Parameter report: is told what was done, before anybody has his answer.
  func step(report: (GenerationCounters) -> Void) {
    defer {
      report(counters)
      counters = GenerationCounters()
    }
    rows.removeAll { row in
      guard row.item.request.isCancelled else { return false }
      row.item.request.finish(row.item.prompt, .failure(GenerationRequest.cancelled))
      return true
    }
    if let item = held {
      held = nil
      admit(item)
    }
    guard !rows.isEmpty else { return }

    var batch = DecoderBatch()
    var turns: [Turn] = []
    // Rows that write go first: they need little, and somebody waits for them.
    let order = rows.filter { $0.pendingCount <= 8 } + rows.filter { $0.pendingCount > 8 }
    for row in order {
      let tokens = Self.mostTokens - batch.tokenCount
      let logits = Self.mostLogits - batch.logitCount
      guard tokens > 0, logits > 0 else { break }
      guard row.leastTokensAtOnce <= min(tokens, logits) else { continue }
      turns.append(Turn(row: row, logits: row.append(to: &batch, atMost: tokens)))
    }
    do throws(SibylError) {
      try run(batch, turns.filter { !$0.logits.isEmpty })
    } catch {
      for turn in turns { turn.row.item.request.finish(turn.row.item.prompt, .failure(error)) }
      let failed = Set(turns.map { ObjectIdentifier($0.row) })
      rows.removeAll { failed.contains(ObjectIdentifier($0)) }
      return
    }
    for turn in turns where !turn.logits.isEmpty {
      turn.row.notePrompt(in: &prefixes)
      counters.writtenTokens += turn.row.writtenAtOnce
    }
    report(counters)
    counters = GenerationCounters()
    rows.removeAll { row in
      guard let outcome = row.outcome else { return false }
      row.item.request.finish(row.item.prompt, outcome)
      return true
    }
  }

  /// What a row has of a step: where the logits are that it asked for.
  private struct Turn {
    let row: GenerationRow
    let logits: Range<Int>
  }

  /// A pass of the decoder, after which each row chooses its next tokens, on all cores.
  private func run(_ batch: DecoderBatch, _ turns: [Turn] = []) throws(SibylError) {
    let state = state
    let decoder = model.decoder
    try perform { (team) throws(SibylError) in
      state.team = team
      defer { state.team = nil }
      try decoder(batch, state)
      choose(turns, team)
    }
    counters.steps += 1
    counters.readTokens += batch.tokenCount
  }

  private func choose(_ turns: [Turn], _ team: (any Team)?) {
    guard let team, turns.count > 1 else {
      for turn in turns { turn.row.take(turn.logits, of: state, mask: &masks[0].mask) }
      return
    }
    let parts = min(team.cores, turns.count)
    while masks.count < parts { masks.append(MaskPlace(model)) }
    let queue = TileQueue()
    let (state, masks) = (state, masks)
    team.run(parts: parts) { part in
      while let index = queue.next(below: turns.count) {
        turns[index].row.take(turns[index].logits, of: state, mask: &masks[part].mask)
      }
    }
  }

  /// A core's own mask.
  private final class MaskPlace {
    var mask: TokenMask

    init(_ model: DecoderModel) { mask = TokenMask(vocabularySize: model.tokenizer.vocabularySize) }
  }
}
