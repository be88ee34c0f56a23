import Diagnostics
import Tokenization

/// What answers conversations: a decoder, or in tests what stands in for it.
package protocol ConversationWriter {
  var tokenizer: BytePairTokenizer { get }
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

/// The decoder of a batch of calls, with the options that the calls share.
struct DecoderWriter: ConversationWriter {
  let tokenizer: BytePairTokenizer
  let contextLength: Int
  private let encoder: ChatEncoder
  private let options: WritingOptions
  private let context: CallContext

  init(_ options: WritingOptions, _ context: CallContext) throws(SibylError) {
    let generator = try context.generator()
    tokenizer = generator.tokenizer
    contextLength = generator.contextLength
    encoder = try generator.chatEncoder(template: options.chatTemplate)
    self.options = options
    self.context = context
  }

  func tokenCount(of conversation: [ChatMessage]) -> Int {
    encoder.encode(options.addingSystem(to: conversation)).count
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
