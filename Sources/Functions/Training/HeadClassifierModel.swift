import Diagnostics
import Models

/// A classifier of the method "head" in memory. Its weights are stored as a `HeadFile`.
struct HeadClassifierModel: ClassifierModel {
  private let regression: SoftmaxRegression
  let encoder: String

  var labels: [String] { regression.classNames }

  init(weights: [UInt8]) throws(SibylError) {
    let file = try HeadFile(bytes: weights)
    regression = file.regression
    encoder = file.encoder
  }

  func probabilities(of texts: [String], _ context: CallContext) throws(SibylError) -> [[Float]] {
    let pools = try context.encode(texts, .layerPools)
    guard pools.count == texts.count else { throw SibylError(.cancelled, "the query was cancelled") }
    return try pools.values.withUnsafeBufferPointer { values throws(SibylError) in
      var answers: [[Float]] = []
      answers.reserveCapacity(texts.count)
      for row in texts.indices {
        answers.append(
          try regression.probabilities(
            of: UnsafeBufferPointer(
              rebasing: values[(row * pools.dimensions)..<((row + 1) * pools.dimensions)])))
      }
      return answers
    }
  }
}
