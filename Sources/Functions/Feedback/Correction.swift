import Diagnostics

/// How a function answers a text whose right label a user has told with `ai_feedback`.
package struct Correction: Sendable {
  /// Under which name corrections are stored; functions that tell the same reading in other words share it. Nil where
  /// that is the name of the classifier that is asked.
  let subject: String?
  /// The labels that the function knows, or nil where calls bring their own.
  let labels: [String]?
  /// The answer, as the function's implementation gives it and before it is finished: the label has the probability 1.
  /// Nil where the call does not ask for that label.
  ///
  /// The classifier is the one that the call asks; nil for functions that ask none.
  let answer: @Sendable (_ label: String, Arguments, Classifier?) -> Value?

  /// Of a function whose calls stand under the function's name.
  package static func ofFunction(
    _ subject: String, labels: [String]? = nil,
    answer: @escaping @Sendable (_ label: String, Arguments) -> Value?
  ) -> Correction {
    Correction(subject: subject, labels: labels) { label, arguments, _ in answer(label, arguments) }
  }

  /// Of a function that asks a classifier.
  static func ofClassifier(
    _ answer: @escaping @Sendable (ClassifyAnswer, Arguments) -> Value
  ) -> Correction {
    Correction(subject: nil, labels: nil) { label, arguments, classifier in
      var labels = classifier?.labels ?? []
      // A classifier that was trained anew may have forgotten it, which makes the user no less right.
      if !labels.contains(where: { $0.utf8.elementsEqual(label.utf8) }) { labels.append(label) }
      return answer(ClassifyAnswer(labels, certain: label), arguments)
    }
  }
}

extension AIFunction {
  /// Whether users can correct the function's answers.
  public var isCorrectable: Bool { correction != nil }

  /// Under which name corrections of the function's answers are stored; nil where nobody can correct them, and where that
  /// is the name of the classifier that a call asks.
  public var correctedName: String? { correction?.subject }

  /// Under which name a call's corrections are stored; nil where it has none.
  ///
  /// - Parameter name: the argument that names the classifier, for a function that asks one.
  public func correctionSubject(classifier name: RawArgument?) -> CorrectionSubject? {
    guard let correction else { return nil }
    if let subject = correction.subject { return .function(subject) }
    guard case .text(let bytes)? = name else { return nil }
    return .classifier(bytes)
  }

  /// The answer to a call whose text was corrected; nil where the correction says nothing about this call.
  ///
  /// - Throws: what is wrong with the call's arguments.
  public func corrected(
    _ values: [Value], to label: String, host: any FunctionHost
  ) throws(SibylError) -> Value? {
    guard let correction else { return nil }
    var binder = ArgumentBinder(self)
    guard let arguments = try binder.bind(values) else { return .null }
    do throws(SibylError) {
      let classifier = try model.classifierPosition.map { (position) throws(SibylError) in
        try host.requireClassifiers().classifier(named: arguments.text(position))
      }
      return correction.answer(label, arguments, classifier).map(finish)
    } catch {
      throw error.told(by: name)
    }
  }
}

/// Whose answers were corrected.
public enum CorrectionSubject {
  case function(String)
  /// The name's bytes, which the database holds during the call.
  case classifier(UnsafeRawBufferPointer)
}
