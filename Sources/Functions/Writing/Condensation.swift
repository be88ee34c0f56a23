import Diagnostics
import Tokenization

/// Texts of any number and length brought down to one answer: what the model can't read at once is answered piece by
/// piece (map), and then what came of the pieces (reduce), until all of it fits. Nothing is left out on the way.
package struct Condensation {
  /// What an answer is wanted of.
  package struct Subject {
    /// All of them together.
    package let texts: [String]
    /// What stands before each text.
    package let mark: String
    /// The conversation that asks for an answer to the texts, or to some of them.
    package let question: (_ texts: String) -> [ChatMessage]
    /// The conversation that makes one answer of the answers to parts of the texts.
    package let combination: (_ answers: String) -> [ChatMessage]

    /// - Parameter combination: nil where answers are put together as texts are.
    package init(
      texts: [String], mark: String = "", question: @escaping (_ texts: String) -> [ChatMessage],
      combination: ((_ answers: String) -> [ChatMessage])? = nil
    ) {
      self.texts = texts
      self.mark = mark
      self.question = question
      self.combination = combination ?? question
    }
  }

  /// The most tokens of an answer.
  private let answerTokens: Int
  private let writer: any ConversationWriter

  /// Tokens of a piece: what a small model still reads well.
  private static let pieceTokens = 1_200
  /// Room for less is not worth asking.
  private static let leastPieceTokens = 16
  /// Tokens on either side of a text may merge in other ways than those of the frame alone.
  private static let frameSlack = 16
  /// An answer to a part takes so much of a piece at most, so that each level has half the pieces of the one before.
  private static let answersAPiece = 3
  /// More than the longest group ever needs.
  private static let mostLevels = 32

  package init(maximumTokens: Int, writer: any ConversationWriter) {
    answerTokens = maximumTokens
    self.writer = writer
  }

  /// Answers subjects: one batch for all pieces of a level, and one at the end for all answers.
  ///
  /// - Returns: one answer a subject, the same whatever other subjects there are; nil where a fault gives NULL.
  package func answers(to subjects: [Subject]) throws(SibylError) -> [Result<String?, SibylError>] {
    var results = [Result<String?, SibylError>](repeating: .success(nil), count: subjects.count)
    var work: [Work] = []
    for (place, subject) in subjects.enumerated() {
      let room = room(for: subject)
      guard room >= Self.leastPieceTokens else {
        results[place] = writer.outcome(of: noRoom)
        continue
      }
      let limit = min(Self.pieceTokens, room)
      work.append(
        Work(
          place: place, subject: subject, limit: limit,
          pieces: TextPieces.pieces(
            of: subject.texts, mark: subject.mark, atMost: limit, tokenizer: writer.tokenizer)))
    }
    var level = 0
    while level < Self.mostLevels, work.contains(where: { $0.pieces.count > 1 }) {
      level += 1
      work = try reduced(work, &results)
    }
    for one in work where one.pieces.count > 1 {
      results[one.place] = writer.outcome(
        of: SibylError(
          .invalidArgument, "the text does not get shorter; lower max_tokens, or use a larger model"))
    }
    let last = work.filter { $0.pieces.count == 1 }
    for (one, answer) in zip(
      last, try writer.write(last.map { $0.conversations[0] }, maximumTokens: answerTokens))
    {
      results[one.place] = answer
    }
    return results
  }

  private struct Work {
    let place: Int
    let subject: Subject
    let limit: Int
    var pieces: [String]
    /// Whether the pieces are answers to parts.
    var isReduction = false

    var conversations: [[ChatMessage]] { pieces.map(isReduction ? subject.combination : subject.question) }
    /// The most tokens of an answer to a part.
    var partTokens: Int { max(limit / Condensation.answersAPiece, 1) }
  }

  /// Has the pieces of those subjects answered that have several, and packs the answers into fewer pieces.
  private func reduced(
    _ work: [Work], _ results: inout [Result<String?, SibylError>]
  ) throws(SibylError) -> [Work] {
    var done = work
    // Mostly there is one such group: the limit depends on how long the instruction is.
    let groups = Dictionary(grouping: work.indices.filter { work[$0].pieces.count > 1 }) {
      min(answerTokens, work[$0].partTokens)
    }
    var isAnswered = [Bool](repeating: false, count: work.count)
    for (tokens, members) in groups.sorted(by: { $0.key < $1.key }) {
      let written = try writer.write(members.flatMap { work[$0].conversations }, maximumTokens: tokens)
      var place = 0
      for member in members {
        let answers = written[place..<(place + work[member].pieces.count)]
        place += work[member].pieces.count
        switch Self.all(answers) {
        case .success(let texts?) where !texts.isEmpty:
          done[member].isReduction = true
          done[member].pieces = TextPieces.pieces(
            of: texts, mark: work[member].subject.mark, atMost: work[member].limit,
            tokenizer: writer.tokenizer)
        case .success(let texts):
          results[work[member].place] = .success(texts.map { _ in "" })
          isAnswered[member] = true
        case .failure(let error):
          results[work[member].place] = .failure(error)
          isAnswered[member] = true
        }
      }
    }
    return done.indices.filter { !isAnswered[$0] }.map { done[$0] }
  }

  /// The answers that say something; nil where one is NULL; the first fault where there is one.
  private static func all(_ answers: ArraySlice<Result<String?, SibylError>>) -> Result<[String]?, SibylError>
  {
    var texts: [String] = []
    var isNull = false
    for answer in answers {
      switch answer {
      case .success(let text?): if !text.isBlank { texts.append(text) }
      case .success(nil): isNull = true
      case .failure(let error): return .failure(error)
      }
    }
    return .success(isNull ? nil : texts)
  }

  /// Tokens that the context has for a piece beside the question and the answer.
  private func room(for subject: Subject) -> Int {
    let frame = max(
      writer.tokenCount(of: subject.question("")), writer.tokenCount(of: subject.combination("")))
    return writer.contextLength - answerTokens - frame - Self.frameSlack
  }

  private var noRoom: SibylError {
    SibylError(
      .invalidArgument,
      "the model's context of \(writer.contextLength) tokens has no room for a text beside the question and an answer "
        + "of \(answerTokens) tokens; lower max_tokens, shorten the instruction, or use a model with a longer context"
    )
  }
}
