import Diagnostics
import Inference
import JSON
import ModelFiles
import Models
import Sampling
import Tensor
import Tokenization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How far a decoder in the precision that answers come from is from the same decoder in float32.
///
/// Agreement: the float32 path continues prompts greedily; the other path reads the same prompts and continuations
/// (teacher forcing), and at each token of a continuation is asked which one it finds most probable. Perplexity: of
/// texts as they are, by both paths.
struct GenerationQualityBenchmark {
  let texts: [String]
  let model: InstalledModel

  private static let prompts = 50
  private static let continuationTokens = 48
  private static let passages = 20
  private static let passageTokens = 200
  private static let questions = [
    "Summarize the text below in one sentence.\n\n", "Is the text below positive or negative?\n\n",
    "Which persons, places and organisations does the text below name?\n\n",
    "Rewrite the text below in plain words.\n\n", "What is the text below about?\n\n",
  ]

  func run() throws(SibylError) -> JSON {
    let precision = try Precision.preferred()
    // Products of the reference are oneDNN's, which takes the cores itself.
    let before = Workspace.setCoresPerProduct(InferenceEngine.shared.cores)
    defer { Workspace.setCoresPerProduct(before) }
    let reference = try DecoderAtWork(DecoderModel(model, precision: .f32))
    let tested = try DecoderAtWork(DecoderModel(model, precision: precision))

    let prompts = try makePrompts(reference.model)
    let continuations = try reference.continuations(of: prompts, tokens: Self.continuationTokens)
    var compared = 0
    var equal = 0
    for (prompt, continuation) in zip(prompts, continuations) {
      let found = try tested.mostProbable(behind: prompt, continuation)
      compared += found.count
      equal += zip(found, continuation).count { $0 == $1 }
    }

    var losses = (reference: 0.0, tested: 0.0)
    var scored = 0
    for passage in makePassages(reference.model.tokenizer) {
      losses.reference += try reference.loss(of: passage)
      losses.tested += try tested.loss(of: passage)
      scored += passage.count - 1
    }
    guard compared > 0, scored > 0 else {
      throw SibylError(.invalidArgument, "the texts are too few or too short to compare anything")
    }
    return [
      "precision": .string(precision.rawValue),
      "prompts": .integer(Int64(prompts.count)),
      "compared_tokens": .integer(Int64(compared)),
      "agreement": .number(Double(equal) / Double(compared)),
      "scored_tokens": .integer(Int64(scored)),
      "reference_perplexity": .number(exp(losses.reference / Double(scored))),
      "perplexity": .number(exp(losses.tested / Double(scored))),
    ]
  }

  private func makePrompts(_ model: DecoderModel) throws(SibylError) -> [[Int32]] {
    let encoder = try model.chatEncoder()
    return texts.prefix(Self.prompts).enumerated().map { index, text in
      encoder.encode([ChatMessage(.user, Self.questions[index % Self.questions.count] + text)])
    }
  }

  /// The other texts one after the other, cut into passages of one length.
  private func makePassages(_ tokenizer: BytePairTokenizer) -> [[Int32]] {
    var passages: [[Int32]] = []
    var open: [Int32] = []
    for text in texts.dropFirst(Self.prompts) where passages.count < Self.passages {
      open += tokenizer.encode(text + "\n\n")
      guard open.count >= Self.passageTokens else { continue }
      passages.append(Array(open.prefix(Self.passageTokens)))
      open = []
    }
    return passages
  }
}

/// A decoder with the memory to run it here, on the calling thread.
private struct DecoderAtWork {
  let model: DecoderModel
  private let cache: KeyValueCache
  private let state: LlamaState

  /// Tokens of a step.
  private static let capacity = 512

  init(_ model: DecoderModel) throws(SibylError) {
    self.model = model
    cache = try model.decoder.makeCache(budget: 1 << 30)
    state = try model.decoder.makeState(tokenCapacity: Self.capacity, logitCapacity: Self.capacity)
  }

  /// What the model writes greedily behind each prompt, its end token included.
  func continuations(of prompts: [[Int32]], tokens: Int) throws(SibylError) -> [[Int32]] {
    let sequences = prompts.map { _ in cache.makeSequence() }
    var written: [[Int32]] = prompts.map { _ in [] }
    for (row, prompt) in prompts.enumerated() {
      let place = try read(prompt, to: sequences[row], logits: .last)
      written[row] = place.map(mostProbable)
    }
    for _ in 1..<tokens {
      var batch = DecoderBatch()
      var open: [Int] = []
      for (row, answer) in written.enumerated() {
        guard let last = answer.last, !model.tokenizer.isEnd(last) else { continue }
        batch.append([last], to: sequences[row])
        open.append(row)
      }
      guard !open.isEmpty else { break }
      try model.decoder(batch, state)
      for (place, row) in open.enumerated() { written[row].append(mostProbable(place)) }
    }
    return written
  }

  /// What the model finds most probable behind the prompt and behind each token of the continuation but the last.
  func mostProbable(behind prompt: [Int32], _ continuation: [Int32]) throws(SibylError) -> [Int32] {
    let sequence = cache.makeSequence()
    _ = try read(Array(prompt.dropLast()), to: sequence, logits: .none)
    return try read(prompt.suffix(1) + continuation.dropLast(), to: sequence, logits: .all).map(mostProbable)
  }

  /// The sum over a text's tokens but the first of -ln of how probable the model found them.
  func loss(of tokens: [Int32]) throws(SibylError) -> Double {
    let rows = try read(tokens.dropLast(), to: cache.makeSequence(), logits: .all)
    return zip(rows, tokens.dropFirst()).reduce(0) { sum, next in
      sum - ChoiceScores.logProbability(of: next.1, in: state[logits: next.0])
    }
  }

  /// - Returns: where the logits are that were asked for; those of the last step.
  private func read(
    _ tokens: [Int32], to sequence: CachedSequence, logits: DecoderBatch.Logits
  ) throws(SibylError) -> Range<Int> {
    var rows = 0..<0
    for start in stride(from: 0, to: tokens.count, by: Self.capacity) {
      let end = min(start + Self.capacity, tokens.count)
      var batch = DecoderBatch()
      rows = batch.append(tokens[start..<end], to: sequence, logits: logits)
      try model.decoder(batch, state)
    }
    return rows
  }

  private func mostProbable(_ row: Int) -> Int32 {
    var sampler = Sampler()
    return sampler.token(from: state[logits: row], step: 0)
  }
}
