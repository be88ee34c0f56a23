import Diagnostics
import Inference
import ModelFiles
import Models
import Threads
import Tokenization

/// Reads texts with a classifier that Sibyl ships.
struct BundledReading: Sendable {
  /// The classifiers were trained on this encoder, whatever the default embedding model is.
  static let model = ModelUse.fixed(ModelCatalogue.defaultEncoder)

  /// Tokens that are read at once. The heads learnt from sentences and short posts; in one vector over more text, moods
  /// blur into neutral (a clear complaint written twenty times scored -0.1, once -0.7). So longer text is cut at
  /// sentence ends, and its reading is the mean of its pieces', weighted by their tokens.
  static let tokensAtOnce = 48

  private let head: SoftmaxRegression
  /// Nil where the head reads the plain encoder.
  private let adapter: EncoderAdapter?

  var labels: [String] { head.classNames }

  /// - Throws: `.corruptFile` when the classifier was made for another model than the installed one.
  init(_ classifier: BundledClassifier, for model: InstalledModel) throws(SibylError) {
    self = try Self.inMemory.withLock { (known) -> Result<BundledReading, SibylError> in
      let key = Key(classifier: classifier, model: model.digest)
      if let reading = known[key] { return .success(reading) }
      do throws(SibylError) {
        let content = try classifier.content(for: model)
        let reading = BundledReading(
          head: content.head,
          adapter: content.change.map { EncoderAdapter(digest: classifier.digest, change: $0) })
        known[key] = reading
        return .success(reading)
      } catch { return .failure(error) }
    }.get()
  }

  private init(head: SoftmaxRegression, adapter: EncoderAdapter?) {
    self.head = head
    self.adapter = adapter
  }

  private struct Key: Hashable {
    let classifier: BundledClassifier
    let model: Digest
  }

  private static let inMemory = Guarded<[Key: BundledReading]>([:])

  /// Each text's probabilities, one a label; nil for blank text, which there is nothing to say of.
  func probabilities(of texts: [String], _ context: CallContext) throws(SibylError) -> [[Float]?] {
    let model = try context.requireModel()
    let tokenizer = try InferenceEngine.shared.tokenizer(for: model, adapter: adapter)
    let chunker = try TextChunker(tokenizer: tokenizer, maximumTokens: Self.tokensAtOnce)
    let pieces = TextPieceSequence(of: texts, chunker)
    let pools = try InferenceEngine.shared.encode(
      pieces, model: model, adapter: adapter, output: .layerPools, isCancelled: context.host.isCancelled)
    let classCount = head.classCount
    var sums = [Float](repeating: 0, count: texts.count * classCount)
    var weights = [Float](repeating: 0, count: texts.count)
    try pools.values.withUnsafeBufferPointer { values throws(SibylError) in
      for (row, piece) in pieces.given.enumerated() {
        let found = try head.probabilities(
          of: UnsafeBufferPointer(
            rebasing: values[(row * pools.dimensions)..<((row + 1) * pools.dimensions)]))
        for label in 0..<classCount { sums[piece.text * classCount + label] += piece.weight * found[label] }
        weights[piece.text] += piece.weight
      }
    }
    return texts.indices.map { text in
      guard weights[text] > 0 else { return nil }
      return (0..<classCount).map { sums[text * classCount + $0] / weights[text] }
    }
  }
}
