import Diagnostics
import Models
import Sampling
import Tokenization

/// A decoder of the engine, ready to write.
///
/// Prompts of one call are written together, and with those of other callers. What they begin with in common is read
/// once, and kept for the next call. The same prompt gives the same answer, whatever is written beside it.
///
/// Threads: any.
public struct TextGenerator: Sendable {
  private let loaded: LoadedDecoder

  init(_ loaded: LoadedDecoder) { self.loaded = loaded }

  public var tokenizer: BytePairTokenizer { loaded.model.tokenizer }
  /// The most tokens that a prompt and its answer may have together.
  public var contextLength: Int { loaded.model.decoder.configuration.contextLength }
  /// What was done with this model in this process.
  public var counters: GenerationCounters { loaded.generator.counters }

  /// What turns conversations into the model's tokens.
  ///
  /// - Parameter template: the name of a family of templates, or nil for the model's own.
  public func chatEncoder(template: String? = nil) throws(SibylError) -> ChatEncoder {
    try loaded.model.chatEncoder(template: template)
  }

  /// The vocabulary for `Constraint`.
  public func constraintVocabulary() throws(SibylError) -> ConstraintVocabulary {
    try loaded.constraintVocabulary()
  }

  /// Writes an answer to each prompt.
  ///
  /// - Parameter isCancelled: asked now and then on the calling thread; when it answers true, writing stops within a
  ///   step, and what is not written by then fails with `.cancelled`.
  /// - Throws: `.unavailable` where nothing can be computed. What is wrong with one prompt is told in its place.
  public func write(
    _ prompts: [[Int32]], options: GenerationOptions, isCancelled: (() -> Bool)? = nil
  ) throws(SibylError) -> [Result<GeneratedText, SibylError>] {
    try run(prompts, .write(options), isCancelled).map { outcome in
      outcome.flatMap { outcome in
        guard case .text(let text) = outcome else { return .failure(Self.mixedUp) }
        return .success(text)
      }
    }
  }

  /// The natural logarithms of how probable each choice is as the beginning of an answer to each prompt.
  ///
  /// - Parameter choices: at least one, each of 1 to 64 tokens.
  public func judge(
    _ prompts: [[Int32]], choices: [[Int32]], isCancelled: (() -> Bool)? = nil
  ) throws(SibylError) -> [Result<[Double], SibylError>] {
    guard !choices.isEmpty, choices.allSatisfy({ (1...Self.longestChoice).contains($0.count) }) else {
      throw SibylError(
        .invalidArgument, "a choice must have 1 to \(Self.longestChoice) tokens; shorten the longest one")
    }
    return try run(prompts, .judge(choices: choices), isCancelled).map { outcome in
      outcome.flatMap { outcome in
        guard case .scores(let scores) = outcome else { return .failure(Self.mixedUp) }
        return .success(scores)
      }
    }
  }

  /// The most tokens of a choice of `judge`.
  public static let longestChoice = 64
  private static let mixedUp = SibylError(
    .internalFault, "an answer of another kind came; please report this defect")

  private func run(
    _ prompts: [[Int32]], _ task: GenerationRequest.Task, _ isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<GenerationRequest.Outcome, SibylError>] {
    guard !prompts.isEmpty else { return [] }
    let request = GenerationRequest(prompts: prompts, task: task)
    try loaded.generator.submit(request)
    return request.wait(isCancelled: isCancelled)
  }
}
