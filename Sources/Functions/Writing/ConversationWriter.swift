import Diagnostics
import Tokenization

/// What answers conversations: a model, or in tests what stands in for it.
package protocol ConversationWriter {
  associatedtype Tokenizer: TokenCounting
  var tokenizer: Tokenizer { get }
  /// The most tokens that a conversation and its answer may have together.
  var contextLength: Int { get }

  /// The tokens that the conversation takes of the context.
  func tokenCount(of conversation: [ChatMessage]) -> Int

  /// Answers conversations, all of them in one batch.
  ///
  /// - Returns: one answer a conversation; nil where a fault is to give NULL.
  func write(
    _ conversations: [[ChatMessage]], maximumTokens: Int
  ) throws(SibylError) -> [Result<String?, SibylError>]

  /// What stands in the place of an answer that can't be given.
  func outcome(of fault: SibylError) -> Result<String?, SibylError>
}

/// The model of a batch of calls, with the options that the calls share.
struct ModelWriter: ConversationWriter {
  let tokenizer: AnyTokenCounting
  let contextLength: Int
  private let model: any LanguageModel
  private let options: WritingOptions
  private let context: CallContext

  init(_ options: WritingOptions, _ context: CallContext) throws(SibylError) {
    model = try context.languageModel(chatTemplate: options.chatTemplate)
    tokenizer = AnyTokenCounting(model.tokens)
    contextLength = model.contextLength
    self.options = options
    self.context = context
  }

  func tokenCount(of conversation: [ChatMessage]) -> Int {
    model.tokenCount(of: options.addingSystem(to: conversation))
  }

  func write(
    _ conversations: [[ChatMessage]], maximumTokens: Int
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    var options = options
    options.maximumTokens = maximumTokens
    return try context.write(conversations, options, maximumTokens: maximumTokens)
  }

  func outcome(of fault: SibylError) -> Result<String?, SibylError> {
    options.answersNullOnError && fault.isOfOneRow ? .success(nil) : .failure(fault)
  }
}
