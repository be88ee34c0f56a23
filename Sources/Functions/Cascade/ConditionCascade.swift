import Diagnostics
import JSON
import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cascade of an `ai_filter` call with one condition: the encoder by the condition's words, then a decoder.
struct ConditionCascade {
  /// How sure the large model counts as being: it says no more than yes or no.
  private static let certainty: Float = 0.95
  /// Makes probabilities of what the encoder measures.
  private static let steepness: Float = 10

  private let cascade: Cascade

  /// - Parameter options: those of the call, with a cascade among them; otherwise this is nil.
  init?(condition: String, _ options: FilterOptions, _ context: CallContext) {
    guard let cascadeOptions = options.cascade else { return nil }
    let asked = options.asked(of: cascadeOptions.target).serialized()
    cascade = Cascade(
      context: context, options: cascadeOptions,
      question: options.writing.system == nil ? [condition] : [condition, asked],
      small: { texts throws(SibylError) in
        try context.conditionScores(texts.map { (text: $0, condition: condition) }).map { score in
          let yes = 1 / (1 + exp(-Self.steepness * (score - ConditionMatch.threshold)))
          return [1 - yes, yes]
        }
      },
      large: { texts throws(SibylError) in
        context.evaluator.evaluate(
          .filter, texts.map { [.text($0), .text(condition), .text(asked)] }, host: context.host
        ).map { answer in
          answer.map {
            $0 == .integer(1) ? [1 - Self.certainty, Self.certainty] : [Self.certainty, 1 - Self.certainty]
          }
        }
      })
  }

  func prepare(_ texts: [String]) throws(SibylError) { try cascade.prepare(texts) }

  /// Whether each text meets the condition.
  func answers(for texts: [String]) throws(SibylError) -> [Result<Bool, SibylError>] {
    try cascade.probabilities(of: texts).map { answer in answer.map { $0.count == 2 && $0[1] > $0[0] } }
  }
}
