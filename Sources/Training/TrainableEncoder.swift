import Diagnostics
import Models
import Tensor

/// A BERT encoder in float32 with low-rank changes of its matrices, a linear head over its layer pools, and the
/// gradient of the head's loss.
///
/// Threads: immutable; a pass has buffers of its own.
final class TrainableEncoder: Sendable {
  /// What a pass finds out.
  struct Result: Sendable {
    /// Σ weight · cross-entropy, in nats.
    var loss = 0.0
    /// Σ weight, and the same of rows whose likeliest class is the right one.
    var weight = 0.0
    var rightWeight = 0.0

    static func + (a: Result, b: Result) -> Result {
      Result(loss: a.loss + b.loss, weight: a.weight + b.weight, rightWeight: a.rightWeight + b.rightWeight)
    }
  }

  let layout: ParameterLayout
  private let embeddings: EmbeddingTable
  private let layers: [TrainableLayer]

  init(
    _ weights: some WeightSource, _ layout: ParameterLayout, scale: Float
  ) throws(SibylError) {
    self.layout = layout
    let checkpoint = BertCheckpoint(weights, layout.configuration)
    embeddings = try checkpoint.embeddings()
    var layers: [TrainableLayer] = []
    for index in 0..<layout.configuration.layers {
      layers.append(try TrainableLayer(checkpoint, index: index, layout, scale: scale))
    }
    self.layers = layers
  }

  /// Room for a batch, and a little more, so that it lasts for others.
  func makeBuffers(for batch: MicroBatch) throws(SibylError) -> PassBuffers {
    let heads = layout.configuration.heads
    return try PassBuffers(
      layout, tokens: max(batch.tokens.tokenCount * 5 / 4, 256),
      weights: max(PassBuffers.weights(of: batch, heads: heads) * 3 / 2, heads * 32 * 256),
      longest: min(max(batch.longest * 3 / 2, 64), max(layout.configuration.windowLength, batch.longest)),
      sequences: max(batch.rows.count * 2, 64))
  }

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - buffers: those that hold the batch.
  ///   - gradient: receives the gradient of the loss times `lossScale`, every number of it; nil for none.
  func evaluate(
    _ batch: MicroBatch, of set: FineTuningSet, parameters: UnsafePointer<Float>, dropout: Float,
    _ buffers: PassBuffers, lossScale: Float = 1, gradient: UnsafeMutablePointer<Float>?
  ) throws(SibylError) -> Result {
    guard buffers.holds(batch, heads: layout.configuration.heads), !layers.isEmpty else {
      throw SibylError(.internalFault, "a training batch does not fit its buffers")
    }
    return try batch.keys.withUnsafeBufferPointer { (keys) throws(SibylError) in
      guard let keys = keys.baseAddress else { return Result() }
      let pass = Pass(
        sequences: batch.tokens.sequences, tokenCount: batch.tokens.tokenCount, buffers: buffers,
        parameters: parameters, keys: keys, dropout: dropout)
      try embeddings(
        ids: batch.tokens.ids, positionIDs: batch.tokens.positionIDs, hidden: buffers.hidden,
        into: buffers.hiddenCopy)
      var input = buffers.hidden
      for (index, layer) in layers.enumerated() {
        try layer.forward(input, pass)
        input = buffers.layers[index].output
        pool(layer: index, pass)
      }
      let head = ClassificationLoss(layout: layout, set: set)
      let result = try head.evaluate(
        rows: batch.rows, parameters: parameters, buffers, lossScale: lossScale, gradient: gradient)
      guard let gradient else { return result }
      buffers.gradient[row: 0].update(repeating: 0, count: pass.tokenCount * layout.configuration.dimensions)
      for (index, layer) in layers.enumerated().reversed() {
        addPoolGradient(layer: index, pass)
        try layer.backward(
          index > 0 ? buffers.layers[index - 1].output : buffers.hidden, pass, gradient: gradient)
      }
      return result
    }
  }

  /// The mean of each sequence's tokens, L2-normalised.
  private func pool(layer: Int, _ pass: Pass) {
    let width = layout.configuration.dimensions
    for (row, sequence) in pass.sequences.enumerated() {
      let feature = pass.buffers.features[row: row] + layer * width
      feature.update(repeating: 0, count: width)
      for token in sequence {
        let hidden = pass.buffers.layers[layer].output[row: token]
        for column in 0..<width { feature[column] += hidden[column] }
      }
      let share = 1 / Float(max(sequence.count, 1))
      for column in 0..<width { feature[column] *= share }
      let all = UnsafeBufferPointer(start: feature, count: width)
      let length = VectorMath.dot(all, all).squareRoot()
      pass.buffers.poolLengths[row: row][layer] = length
      let inverse = length > 0 ? 1 / length : 0
      for column in 0..<width { feature[column] *= inverse }
    }
  }

  /// With f the normalised pool of n tokens and g its gradient, each token's gives `(g - f · (f · g)) / (length · n)`.
  private func addPoolGradient(layer: Int, _ pass: Pass) {
    let width = layout.configuration.dimensions
    for (row, sequence) in pass.sequences.enumerated() {
      let length = pass.buffers.poolLengths[row: row][layer]
      guard length > 0 else { continue }
      let feature = pass.buffers.features[row: row] + layer * width
      let slope = pass.buffers.featureGradient[row: row] + layer * width
      let along = VectorMath.dot(
        UnsafeBufferPointer(start: feature, count: width), UnsafeBufferPointer(start: slope, count: width))
      let share = 1 / (length * Float(sequence.count))
      for column in 0..<width { slope[column] = (slope[column] - feature[column] * along) * share }
      for token in sequence {
        let gradient = pass.buffers.gradient[row: token]
        for column in 0..<width { gradient[column] += slope[column] }
      }
    }
  }
}
