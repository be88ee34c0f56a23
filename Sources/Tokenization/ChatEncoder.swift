import Diagnostics

/// Turns conversations into the tokens that a model was trained on.
///
/// Control tokens are placed by their identifiers; what users write is encoded as text, whatever it says, so
/// that nobody can end a message or give himself another role by writing it.
public struct ChatEncoder: Sendable {
  public let template: ChatTemplate
  private let tokenizer: BytePairTokenizer

  /// - Parameter model: the model's name, for error messages.
  /// - Throws: `invalidArgument` where the vocabulary lacks a token that the template needs.
  public init(_ template: ChatTemplate, tokenizer: BytePairTokenizer, model: String) throws(SibylError) {
    self.template = template
    self.tokenizer = tokenizer
    for name in template.controlNames where tokenizer.controlToken(name) == nil {
      throw SibylError(
        .invalidArgument,
        "the chat template \"\(template.family.rawValue)\" needs the token \(name), which the model "
          + "\"\(model)\" lacks; set the option \"chat_template\" to the family that the model was trained for"
      )
    }
    let needsEnd = template.family == .llama2 || template.family == .zephyr
    if needsEnd, tokenizer.endID == nil {
      throw SibylError(
        .invalidArgument,
        "the chat template \"\(template.family.rawValue)\" needs a token that ends an answer, which the model "
          + "\"\(model)\" lacks; set the option \"chat_template\" to the family that the model was trained for"
      )
    }
  }

  /// The tokens of a conversation up to where the model's answer begins.
  ///
  /// Where the template has a system message of its own (`ChatTemplate.defaultSystemMessage`), it goes first
  /// unless the first message is the system's.
  ///
  /// - Parameter skipsThinking: whether a model that would think aloud first (Qwen3) is made to answer at once.
  public func encode(_ messages: [ChatMessage], skipsThinking: Bool = true) -> [Int32] {
    var ids: [Int32] = []
    if tokenizer.addsBeginning, let id = tokenizer.beginningID { ids.append(id) }
    var text = ""
    func finishText() {
      if !text.isEmpty { text.withUTF8 { tokenizer.encode($0, appendingTo: &ids) } }
      text = ""
    }
    for (place, piece) in template.pieces(messages, skipsThinking: skipsThinking).enumerated() {
      switch piece {
      case .text(let more): text += more
      case .control(let name):
        guard let id = tokenizer.controlToken(name) else {
          text += name
          continue
        }
        finishText()
        ids.append(id)
      case .beginning:
        // The first one may be there already.
        guard let id = tokenizer.beginningID, place > 0 || ids.isEmpty else { continue }
        finishText()
        ids.append(id)
      case .end:
        finishText()
        if let id = tokenizer.endID { ids.append(id) }
      }
    }
    finishText()
    return ids
  }
}
