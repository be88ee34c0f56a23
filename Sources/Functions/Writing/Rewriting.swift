import Diagnostics
import Tokenization

/// Texts of any length written anew, piece by piece, in their order: a translation, a corrected version.
struct Rewriting {
  /// The conversation that asks for a piece to be written anew.
  let question: (_ piece: String) -> [ChatMessage]

  /// Tokens of a piece: small models lose the thread in longer ones.
  private static let pieceTokens = 256

  func answers(
    to texts: [String], _ options: WritingOptions, _ context: CallContext
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    let tokens = try context.languageModel(chatTemplate: options.chatTemplate).tokens
    let cut = texts.map {
      TextPieces.pieces(of: $0, atMost: Self.pieceTokens, tokenizer: tokens).map(Piece.init)
    }
    // Another language may take three times the tokens, where the tokenizer knows it less well.
    let written = try context.write(
      cut.joined().filter(\.isText).map { question($0.text) }, options, maximumTokens: Self.pieceTokens * 3)
    var place = 0
    return cut.map { pieces in
      var text: String? = ""
      var fault: SibylError?
      for piece in pieces {
        guard piece.isText else {
          text?.append(piece.before + piece.after)
          continue
        }
        switch written[place] {
        case .success(let answer?): text?.append(piece.before + answer + piece.after)
        case .success(nil): text = nil
        case .failure(let error): if fault == nil { fault = error }
        }
        place += 1
      }
      return fault.map { .failure($0) } ?? .success(text)
    }
  }

  /// A piece of a text, apart from the white space around it, which stays as it is.
  private struct Piece {
    let before: String
    let text: String
    let after: String

    var isText: Bool { !text.isEmpty }

    init(_ whole: String) {
      let rest = whole.drop(while: \.isWhitespace)
      before = String(whole[..<rest.startIndex])
      let end = rest.lastIndex { !$0.isWhitespace }.map { rest.index(after: $0) } ?? rest.startIndex
      text = String(rest[..<end])
      after = String(rest[end...])
    }
  }
}
