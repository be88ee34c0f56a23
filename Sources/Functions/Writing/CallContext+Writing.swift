import Diagnostics
import Inference
import Models
import Sampling
import Tokenization

extension CallContext {
  /// The batch's model, which writes.
  ///
  /// - Parameter chatTemplate: the family of a decoder's chat template, where its file does not say.
  func languageModel(chatTemplate: String? = nil) throws(SibylError) -> any LanguageModel {
    let installed = try requireModel()
    if installed.isRemote { return try RemoteLanguageModel(installed) }
    return try LocalLanguageModel(
      InferenceEngine.shared.generator(for: installed), chatTemplate: chatTemplate)
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
    constraint: AnswerConstraint? = nil
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    let model = try languageModel(chatTemplate: options.chatTemplate)
    let stop = try StopCondition(maximumTokens: options.maximumTokens ?? maximumTokens, stops: options.stops)
    do throws(SibylError) {
      try constraint?.local?.check(maximumTokens: stop.maximumTokens)
    } catch {
      // The options always come last.
      throw argumentError(entry.parameters.count - 1, error.message)
    }
    let answers = try model.write(
      conversations.map(options.addingSystem),
      AnswerForm(stop: stop, sampling: options.sampling, constraint: constraint),
      isCancelled: host.isCancelled)
    return answers.map { answer in
      switch answer {
      case .success(let text): .success(text)
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
