import Diagnostics
import Models
import Tensor

/// The memory of one forward and backward pass, kept from step to step.
///
/// Threads: belongs to one thread at a time.
final class PassBuffers: @unchecked Sendable {
  let tokenCapacity: Int
  let weightCapacity: Int
  let longest: Int
  let sequenceCapacity: Int
  /// The embeddings, which are the first layer's input.
  let hidden: FloatMatrix
  let hiddenCopy: Activations
  let layers: [LayerActivations]
  /// The layers' pools of each sequence, each of length 1, and their lengths before that.
  let features: FloatMatrix
  let featureGradient: FloatMatrix
  let poolLengths: FloatMatrix
  let logits: FloatMatrix
  /// Scratch and gradients of what the names say, for one layer at a time.
  let product: FloatMatrix
  let gradient: FloatMatrix
  let attendedGradient: FloatMatrix
  let productGradient: FloatMatrix
  let contextGradient: FloatMatrix
  let innerGradient: FloatMatrix
  let projectionGradient: FloatMatrix
  let reducedGradient: FloatMatrix
  let attentionScratch: FloatMatrix

  init(_ layout: ParameterLayout, tokens: Int, weights: Int, longest: Int, sequences: Int) throws(SibylError)
  {
    let configuration = layout.configuration
    let width = configuration.dimensions
    tokenCapacity = tokens
    weightCapacity = weights
    self.longest = longest
    sequenceCapacity = sequences
    func matrix(_ columns: Int) throws(SibylError) -> FloatMatrix {
      try FloatMatrix(rowCapacity: tokens, columns: columns)
    }
    hidden = try matrix(width)
    hiddenCopy = try Activations(rowCapacity: tokens, columns: width, precision: .f32)
    var layers: [LayerActivations] = []
    for _ in 0..<configuration.layers {
      layers.append(try LayerActivations(layout, tokens: tokens, weights: weights))
    }
    self.layers = layers
    features = try FloatMatrix(rowCapacity: sequences, columns: layout.featureCount)
    featureGradient = try FloatMatrix(rowCapacity: sequences, columns: layout.featureCount)
    poolLengths = try FloatMatrix(rowCapacity: sequences, columns: configuration.layers)
    logits = try FloatMatrix(rowCapacity: sequences, columns: layout.classCount)
    product = try matrix(width)
    gradient = try matrix(width)
    attendedGradient = try matrix(width)
    productGradient = try matrix(width)
    contextGradient = try matrix(width)
    innerGradient = try matrix(configuration.intermediateDimensions)
    projectionGradient = try matrix(3 * width)
    reducedGradient = try matrix(3 * layout.rank)
    attentionScratch = try FloatMatrix(
      rowCapacity: 1,
      columns: TrainingMath.attentionScratch(length: longest, headDimensions: configuration.headDimensions))
  }

  /// Whether a batch fits.
  func holds(_ batch: MicroBatch, heads: Int) -> Bool {
    batch.tokens.tokenCount <= tokenCapacity && batch.longest <= longest
      && batch.rows.count <= sequenceCapacity && Self.weights(of: batch, heads: heads) <= weightCapacity
  }

  /// Floats of attention weights that a batch needs in each layer.
  static func weights(of batch: MicroBatch, heads: Int) -> Int {
    batch.tokens.sequences.reduce(0) { $0 + heads * TrainingMath.attentionWeights(length: $1.count) }
  }
}
