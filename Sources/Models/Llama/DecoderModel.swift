import Diagnostics
import ModelFiles
import Tensor
import Tokenization

/// A decoder together with the tokenizer and the form of conversation that it was trained with, read from the model
/// store.
public struct DecoderModel: Sendable {
  /// The name under which it is installed, for error messages.
  public let name: String
  public let decoder: LlamaDecoder
  public let tokenizer: BytePairTokenizer
  /// The program that the file has for its chat template.
  private let chatProgram: String?

  /// Reads the model's GGUF file.
  ///
  /// - Throws: `.invalidArgument` where the model is an encoder, `.corruptFile` where its file is damaged or of another
  ///   architecture.
  public init(_ model: InstalledModel, precision: Precision) throws(SibylError) {
    guard model.manifest.kind == .decoder else {
      throw SibylError(
        .invalidArgument,
        "the model \"\(model.name)\" only reads text; writing needs a decoder, such as smollm2")
    }
    let file = try model.gguf()
    name = model.name
    tokenizer = try BytePairTokenizer(file)
    chatProgram = try file.textIfPresent("tokenizer.chat_template")
    decoder = try LlamaDecoder(file, precision: precision)
    guard tokenizer.vocabularySize <= decoder.configuration.vocabularySize else {
      throw SibylError(
        .corruptFile,
        "\(model.weightsPath) has a vocabulary of \(tokenizer.vocabularySize) tokens, but weights for "
          + "\(decoder.configuration.vocabularySize); get the model anew")
    }
  }

  /// What turns conversations into the model's tokens.
  ///
  /// - Parameter template: the name of a family of templates, or nil for the one that the model's file carries.
  /// - Throws: `.invalidArgument` where the model has none that is known, or lacks the tokens it needs.
  public func chatEncoder(template: String? = nil) throws(SibylError) -> ChatEncoder {
    let form =
      if let template {
        try ChatTemplate(named: template)
      } else {
        try ChatTemplate(recognizing: chatProgram, model: name)
      }
    return try ChatEncoder(form, tokenizer: tokenizer, model: name)
  }
}
