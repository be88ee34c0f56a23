import Diagnostics
import Inference
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

  func read(
    _ texts: [String], _ context: CallContext
  ) throws(SibylError) -> (probabilities: [[Float]], pools: EncodedBatch) {
    let pools = try context.encode(texts, .layerPools)
    return (try Self.probabilities(regression, of: pools, texts: texts.count), pools)
  }
}
