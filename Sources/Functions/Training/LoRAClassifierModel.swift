import Diagnostics
import Inference
import JSON
import ModelFiles
import Models
import Threads

/// A classifier of the method "lora" in memory. Its weights are stored as an `AdapterFile`, which is read in full when
/// the encoder that it changes is there.
///
/// Any thread may use it: what is read late stands behind a lock.
final class LoRAClassifierModel: ClassifierModel {
  private struct Loaded: Sendable {
    let head: SoftmaxRegression
    let adapter: EncoderAdapter
  }

  let labels: [String]
  let encoder: String
  private let weights: [UInt8]
  private let loaded = Guarded<Loaded?>(nil)

  init(weights: [UInt8]) throws(SibylError) {
    let file = try SafetensorsFile(bytes: weights, name: "its adapter")
    let classes = file.metadata["classes"].flatMap { try? JSON.parse($0, maximumDepth: 2) }?.arrayValue
    guard let encoder = file.metadata["encoder"], let classes, classes.count >= 2 else {
      throw SibylError(.corruptFile, "its metadata name no encoder or no classes")
    }
    labels = classes.compactMap(\.stringValue)
    self.encoder = encoder
    self.weights = weights
  }

  func read(
    _ texts: [String], _ context: CallContext
  ) throws(SibylError) -> (probabilities: [[Float]], pools: EncodedBatch) {
    let installed = try context.requireModel()
    let parts = try parts(installed)
    let pools = try InferenceEngine.shared.encode(
      texts, model: installed, adapter: parts.adapter, output: .layerPools,
      isCancelled: context.host.isCancelled)
    return (try Self.probabilities(parts.head, of: pools, texts: texts.count), pools)
  }

  private func parts(_ installed: InstalledModel) throws(SibylError) -> Loaded {
    if let known = loaded.withLock({ $0 }) { return known }
    let file = try AdapterFile(
      SafetensorsFile(bytes: weights, name: "the classifier"),
      configuration: try LoRAClassifierTrainer.configuration(of: installed), encoder: installed.digest)
    let made = Loaded(
      head: file.head, adapter: EncoderAdapter(digest: Digest(of: weights), change: file.adapter))
    loaded.withLock { $0 = made }
    return made
  }
}
