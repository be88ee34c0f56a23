import Diagnostics
import Inference
import Models
import Sampling
import Tokenization

extension CallContext {
  /// What writes with the batch's model.
  func generator() throws(SibylError) -> TextGenerator {
    try InferenceEngine.shared.generator(for: try requireModel())
  }

  /// Has the model answer conversations, all of them in one batch.
  ///
  /// - Parameters:
  ///   - maximumTokens: the most tokens of an answer where the options do not say.
  ///   - constraint: what answers may be.
  /// - Returns: one answer a conversation; what is wrong with one is told in its place, or is nil where the options ask
  ///   for that.
  func write(
    _ conversations: [[ChatMessage]], _ options: WritingOptions, maximumTokens: Int,
    constraint: Constraint? = nil
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    let generator = try generator()
    let encoder = try generator.chatEncoder(template: options.chatTemplate)
    let stop = try StopCondition(maximumTokens: options.maximumTokens ?? maximumTokens, stops: options.stops)
    do throws(SibylError) {
      try constraint?.check(maximumTokens: stop.maximumTokens)
    } catch {
      // The options always come last.
      throw argumentError(entry.parameters.count - 1, error.message)
    }
    let answers = try generator.write(
      conversations.map { encoder.encode(options.addingSystem(to: $0)) },
      options: GenerationOptions(stop: stop, sampling: options.sampling, constraint: constraint),
      isCancelled: host.isCancelled)
    return answers.map { answer in
      switch answer {
      case .success(let written): .success(written.text)
      case .failure(let error) where options.answersNullOnError && error.isOfOneRow: .success(nil)
      case .failure(let error): .failure(error)
      }
    }
  }
}

extension WritingOptions {
  /// The conversation, with what the user wants the model told first.
  func addingSystem(to messages: [ChatMessage]) -> [ChatMessage] {
    guard let system else { return messages }
    return [ChatMessage(.system, system)] + messages.filter { $0.role != .system }
  }
}
