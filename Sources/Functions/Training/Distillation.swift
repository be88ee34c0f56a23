import Diagnostics
import JSON
import Models

/// What a large model says about a sample of texts, as something that a classifier can learn (Hinton et al. 2015,
/// "Distilling the Knowledge in a Neural Network").
struct Distillation {
  typealias LabelledText = (text: String, label: String)

  /// Texts that are labelled between two looks at whether the caller gave up; what was labelled is in the result cache.
  private static let textsAtOnce = 128

  /// The large model's name.
  let teacher: String
  /// Texts that it labelled.
  let labelledCount: Int
  /// Texts that it could not label: too long for it, say.
  let unlabelledCount: Int
  /// Texts whose label no other text has, from which nothing can be learnt.
  let loneCount: Int
  /// Different texts that the query gave.
  let distinctCount: Int
  let rows: TrainingRows

  /// What a large model says about texts, in the same way and through the same cache as when a user asks
  /// `ai_classify(text, labels, '{"model": …}')`. One that it can't label is left out.
  ///
  /// - Parameter labels: the argument of `ai_classify`.
  /// - Throws: `cancelled` where the caller gave up; what is wrong where nothing can be labelled.
  static func labelled(
    _ texts: [String], by teacher: String, labels: String, _ context: CallContext
  ) throws(SibylError) -> [LabelledText] {
    let options = JSON.object(["model": .string(teacher)]).serialized()
    var labelled: [LabelledText] = []
    var fault: SibylError?
    for start in stride(from: 0, to: texts.count, by: textsAtOnce) {
      if context.host.isCancelled?() == true { throw SibylError(.cancelled, "the query was cancelled") }
      let part = texts[start..<min(start + textsAtOnce, texts.count)]
      let answers = context.evaluator.evaluate(
        .classify, part.map { [.text($0), .text(labels), .text(options)] }, host: context.host)
      for (text, answer) in zip(part, answers) {
        switch answer {
        case .success(.text(let label)): labelled.append((text, label))
        case .success: break
        // A row's own fault costs that row; a server that is down would cost them all.
        case .failure(let error) where error.isOfOneRow: fault = fault ?? error
        case .failure(let error) where error.kind == .cancelled:
          throw SibylError(.cancelled, "the query was cancelled")
        case .failure(let error): throw error
        }
      }
    }
    guard labelled.isEmpty, let fault else { return labelled }
    // What is wrong with the labels is told as of the argument that they are here.
    let words = AIFunction.classify.argumentError(1, "").message
    guard fault.message.hasPrefix(words) else { throw fault }
    throw context.argumentError(2, String(fault.message.dropFirst(words.count)))
  }

  /// - Parameter sample: where the texts come from.
  /// - Throws: `invalidArgument` where there is nothing to learn, as it is told after the query's name.
  init(
    _ labelled: [LabelledText], of sample: DistillationSample, by teacher: String
  ) throws(SibylError) {
    self.teacher = teacher
    labelledCount = labelled.count
    unlabelledCount = sample.texts.count - labelled.count
    distinctCount = sample.distinctCount

    let counts = Dictionary(grouping: labelled) { Array($0.label.utf8) }.mapValues(\.count)
    let learnt = labelled.filter { counts[Array($0.label.utf8), default: 0] > 1 }
    loneCount = labelled.count - learnt.count
    guard counts.values.count(where: { $0 > 1 }) > 1 else {
      throw Self.nothingToLearn(counts, of: labelled.count, by: teacher)
    }
    var gathering = TrainingRows.Gathering()
    for (text, label) in learnt { try gathering.add(.text(text), .text(label)) }
    gathering.leaveOut(blank: sample.blankCount)
    rows = try TrainingRows(gathering)
  }

  private static func nothingToLearn(
    _ counts: [[UInt8]: Int], of total: Int, by teacher: String
  ) -> SibylError {
    let told = counts.sorted { a, b in
      if a.value != b.value { return a.value > b.value }
      return a.key.lexicographicallyPrecedes(b.key)
    }.prefix(3).map { "\"\(String(decoding: $0.key, as: UTF8.self).prefix(40))\" to \($0.value)" }
    return SibylError(
      .invalidArgument,
      "must give texts to which \(teacher) gives at least 2 labels, each at least twice; of \(total) "
        + "text\(total == 1 ? "" : "s") it gave \(told.joined(separator: ", ")). Raise \"rows\", or choose other labels"
    )
  }

  /// What the report says beside that of `ai_train`, in the words of a cascade's where it means the same.
  ///
  /// - Parameter evaluation: of classifiers that had not seen the rows.
  func details(_ evaluation: ClassifierEvaluation) -> [(String, JSON)] {
    let agreeing = evaluation.confusion.enumerated().reduce(0) { $0 + ($1.element[$1.offset] ?? 0) }
    // A label that is not learnt is never said.
    let agreement = ShareInterval(successes: agreeing, of: labelledCount)
    return [
      ("from", .string(teacher)), ("sample", .integer(Int64(labelledCount))),
      ("unlabelled", .integer(Int64(unlabelledCount))), ("unlearnt", .integer(Int64(loneCount))),
      ("kept", .integer(Int64(distinctCount - labelledCount))),
      ("agreement", .number(ClassifierReport.rounded(agreement.share))),
      (
        "agreement_interval",
        .array([
          .number(ClassifierReport.rounded(agreement.low)), .number(ClassifierReport.rounded(agreement.high)),
        ])
      ),
    ]
  }
}
