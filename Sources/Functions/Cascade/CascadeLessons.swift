import Diagnostics
import Models

/// What a cascade's head learns from: texts that the large model has answered, first a sample by chance, then those that
/// the head was not sure of (Lewis and Gale 1994, "A Sequential Algorithm for Training Text Classifiers").
///
/// Measured on AG News with SmolLM2-135M, 95% asked, twelve shuffles: 48% of 2,000 rows went to the large model and 94.9%
/// of all answers were its own; with a sample of 200 alone, and the same caution, 51% and 94.8%.
struct CascadeLessons {
  private static let foldCount = 5
  /// Of the disagreement that is allowed, so much is aimed at: with all of it the twelve shuffles came to 94.4%.
  private static let caution = 0.9

  /// How many texts there are.
  private let population: Int
  private let agreement: Double
  private var features: FeatureMatrix?
  private var answers: [[Float]] = []
  private var randomCount = 0
  /// The texts of the lessons, as routes name them.
  private(set) var names: Set<String> = []

  init(texts: [String], agreement: Double) {
    population = texts.count
    self.agreement = agreement
  }

  var count: Int { answers.count }

  func contains(_ text: String) -> Bool { names.contains(CascadeRoute.name(of: text)) }

  /// Adds texts with what the large model says. One that it can't answer teaches nothing; its row will tell why.
  mutating func add(
    _ texts: ArraySlice<String>, _ rows: [[Float]], _ said: [Result<[Float], SibylError>]
  ) throws(SibylError) {
    for (text, (row, answer)) in zip(texts, zip(rows, said)) {
      switch answer {
      case .success(let probabilities):
        if features == nil { features = FeatureMatrix(columnCount: row.count) }
        try features?.append(row)
        answers.append(probabilities)
        names.insert(CascadeRoute.name(of: text))
      case .failure(let error) where error.kind == .cancelled: throw error
      case .failure: continue
      }
    }
  }

  /// All that was added so far was chosen by chance; what follows is not.
  mutating func endSample() { randomCount = answers.count }

  /// A head, and how sure it must be.
  ///
  /// - Parameter others: the features of texts that it will have to answer.
  func learn(
    others: [[Float]]
  ) throws(SibylError) -> (head: MimicHead, threshold: CascadeThreshold) {
    guard let features else {
      throw SibylError(.internalFault, "a cascade has nothing to learn from")
    }
    let heldOut = try MimicHead.heldOut(
      features: features, probabilities: answers, foldCount: Self.foldCount)
    let head = try MimicHead(features: features, probabilities: answers)
    var confidences: [Float] = []
    for row in others { confidences.append(try head.probabilities(of: row).max() ?? 0) }
    // The lessons are answered by the large model, so the others may differ a little more often.
    let share = max(1 - Double(answers.count) / Double(max(population, 1)), 1e-3)
    let threshold = CascadeThreshold(
      confidences: heldOut.map { $0.max() ?? 0 },
      agrees: zip(heldOut, answers).map { Self.best($0) == Self.best($1) }, sampleCount: randomCount,
      others: confidences, allowedShare: Self.caution * (1 - agreement) / share)
    return (head, threshold)
  }

  private static func best(_ probabilities: [Float]) -> Int {
    probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }
}
