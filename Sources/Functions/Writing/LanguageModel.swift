import Diagnostics
import Inference
import Sampling
import Tokenization

/// A model that writes: a decoder in this process, or one that a server runs. Functions ask it in conversations and do
/// not know which of both it is.
protocol LanguageModel: Sendable {
  /// Counts a text's tokens; a server's model has them estimated.
  var tokens: any TokenCounting { get }
  /// The most tokens that a conversation and its answer may have together.
  var contextLength: Int { get }
  /// Whether `judge` tells how probable choices are; a server says only which of them it is.
  var tellsProbabilities: Bool { get }
  /// The most tokens of a choice.
  var longestChoice: Int { get }

  /// The tokens that a conversation takes of the context.
  func tokenCount(of conversation: [ChatMessage]) -> Int

  /// What answers are bound to.
  ///
  /// - Throws: where the schema can't be kept to.
  func constraint(_ schema: JSONSchema) throws(SibylError) -> AnswerConstraint

  /// Answers conversations, all of them in one batch.
  ///
  /// - Returns: one answer a conversation; what is wrong with one is told in its place.
  func write(
    _ conversations: [[ChatMessage]], _ form: AnswerForm, isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<String, SibylError>]

  /// The natural logarithms of how probable each choice is as the answer.
  ///
  /// - Parameter severalFit: whether any number of choices may be right.
  func judge(
    _ conversations: [[ChatMessage]], choices: [String], severalFit: Bool, isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<[Double], SibylError>]
}

/// What answers must be like.
struct AnswerForm: Sendable {
  var stop: StopCondition
  var sampling: SamplingOptions
  var constraint: AnswerConstraint?
}

/// A schema that answers follow, made ready for the model that keeps to it.
struct AnswerConstraint: Sendable {
  let schema: JSONSchema
  /// What a decoder in this process may write.
  let local: Constraint?
}

/// A decoder in this process.
struct LocalLanguageModel: LanguageModel {
  private let generator: TextGenerator
  private let encoder: ChatEncoder

  init(_ generator: TextGenerator, chatTemplate: String?) throws(SibylError) {
    self.generator = generator
    encoder = try generator.chatEncoder(template: chatTemplate)
  }

  var tokens: any TokenCounting { generator.tokenizer }
  var contextLength: Int { generator.contextLength }
  var tellsProbabilities: Bool { true }
  var longestChoice: Int { TextGenerator.longestChoice }

  func tokenCount(of conversation: [ChatMessage]) -> Int { encoder.encode(conversation).count }

  func constraint(_ schema: JSONSchema) throws(SibylError) -> AnswerConstraint {
    AnswerConstraint(schema: schema, local: try Constraint(schema, try generator.constraintVocabulary()))
  }

  func write(
    _ conversations: [[ChatMessage]], _ form: AnswerForm, isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<String, SibylError>] {
    try generator.write(
      conversations.map { encoder.encode($0) },
      options: GenerationOptions(
        stop: form.stop, sampling: form.sampling, constraint: form.constraint?.local),
      isCancelled: isCancelled
    ).map { $0.map(\.text) }
  }

  func judge(
    _ conversations: [[ChatMessage]], choices: [String], severalFit: Bool, isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<[Double], SibylError>] {
    try generator.judge(
      conversations.map { encoder.encode($0) }, choices: choices.map { generator.tokenizer.encode($0) },
      isCancelled: isCancelled)
  }
}
