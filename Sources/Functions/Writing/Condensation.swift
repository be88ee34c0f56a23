import Diagnostics
import Tokenization

/// Texts of any length brought down to one answer each: what the model cannot read at once is condensed piece by piece
/// (map), and then what came of the pieces (reduce), until it fits. Nothing is left out on the way.
struct Condensation {
  /// The conversation that asks for an answer to a text, or to a piece of one.
  let question: (_ text: String) -> [ChatMessage]
  /// The most tokens of an answer.
  let maximumTokens: Int

  /// Tokens of a piece: what a small model still reads well, and no more than the context has room for.
  private static let pieceTokens = 1_200
  /// Pieces shrink at each level, so that even the longest text of 16 MiB is done before this.
  private static let mostLevels = 16

  func answers(
    to texts: [String], _ options: WritingOptions, _ context: CallContext
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    let generator = try context.generator()
    let answerTokens = options.maximumTokens ?? maximumTokens
    let room = generator.contextLength - answerTokens - Self.frameTokens
    let limit = max(min(Self.pieceTokens, room), 64)
    var results = [Result<String?, SibylError>](repeating: .success(nil), count: texts.count)
    var waiting = texts.indices.map { (row: $0, text: texts[$0]) }
    for _ in 0..<Self.mostLevels where !waiting.isEmpty {
      let cut = waiting.map { TextPieces.pieces(of: $0.text, atMost: limit, tokenizer: generator.tokenizer) }
      let written = try context.write(cut.joined().map(question), options, maximumTokens: maximumTokens)
      var next: [(row: Int, text: String)] = []
      var place = 0
      for (one, pieces) in zip(waiting, cut) {
        let answers = written[place..<(place + pieces.count)]
        place += pieces.count
        results[one.row] = Self.joined(answers)
        if pieces.count > 1, case .success(let text?) = results[one.row] { next.append((one.row, text)) }
      }
      waiting = next
    }
    for (row, _) in waiting {
      results[row] = .failure(
        SibylError(.invalidArgument, "the text does not get shorter; lower max_tokens, or use a larger model")
      )
    }
    return results
  }

  /// What the template and the instruction take, generously.
  private static let frameTokens = 200

  /// The answers to a text's pieces, one below the other; the first fault where there is one.
  private static func joined(_ answers: ArraySlice<Result<String?, SibylError>>) -> Result<
    String?, SibylError
  > {
    var texts: [String] = []
    for answer in answers {
      switch answer {
      case .success(let text?): texts.append(text)
      case .success(nil): return .success(nil)
      case .failure(let error): return .failure(error)
      }
    }
    return .success(texts.joined(separator: "\n"))
  }
}
