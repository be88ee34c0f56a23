/// Sees every answer of a bulk job, for a report on it.
///
/// All calls come on the thread that runs the job.
public protocol AnswerWitness: AnyObject {
  /// A pass over the rows begins. What was seen in the pass before is not the result.
  func passBegins()

  /// A row's answer.
  ///
  /// - Parameters:
  ///   - confidence: the probability of the answer, where the function knows one.
  ///   - text: the row's text; asked for only where it is wanted, because it must be copied.
  func answered(_ function: AIFunction, _ answer: Value, confidence: Double?, text: () -> String?)

  /// Calls were computed together.
  ///
  /// - Parameters:
  ///   - texts: the rows' texts, one a call.
  ///   - seconds: what all of them took.
  func computed(_ function: AIFunction, texts: [String], seconds: Double)
}
