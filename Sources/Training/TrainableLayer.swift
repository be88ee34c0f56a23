import Diagnostics
import Models
import Tensor

/// One block of a BERT encoder as `BertLayer` of module Models has it, in float32, with low-rank changes of its
/// matrices and the way back.
///
/// Threads: immutable; a pass has buffers of its own.
final class TrainableLayer: Sendable {
  private let index: Int
  private let configuration: BertConfiguration
  private let projection: AdaptedProduct
  private let attentionOutput: AdaptedProduct
  private let up: AdaptedProduct
  private let down: AdaptedProduct
  private let projectionBias: [Float]
  private let attentionBias: [Float]
  private let upBias: [Float]
  private let downBias: [Float]
  private let attentionNorm: LayerNorm
  private let outputNorm: LayerNorm
  private var attentionScale: Float { 1 / Float(configuration.headDimensions).squareRoot() }

  init<Source: WeightSource>(
    _ checkpoint: BertCheckpoint<Source>, index: Int, _ layout: ParameterLayout, scale: Float
  ) throws(SibylError) {
    self.index = index
    configuration = checkpoint.configuration
    func product(_ matrices: [AdaptedMatrix]) throws(SibylError) -> AdaptedProduct {
      try AdaptedProduct(checkpoint, layer: index, matrices, layout, scale: scale)
    }
    projection = try product([.query, .key, .value])
    attentionOutput = try product([.attentionOutput])
    up = try product([.up])
    down = try product([.down])
    var joined: [Float] = []
    for matrix in [AdaptedMatrix.query, .key, .value] { joined += try checkpoint.bias(layer: index, matrix) }
    projectionBias = joined
    attentionBias = try checkpoint.bias(layer: index, .attentionOutput)
    upBias = try checkpoint.bias(layer: index, .up)
    downBias = try checkpoint.bias(layer: index, .down)
    attentionNorm = try checkpoint.attentionNorm(layer: index)
    outputNorm = try checkpoint.outputNorm(layer: index)
  }

  private func dropout(_ pass: Pass, half: Int) -> Dropout {
    Dropout(keys: pass.keys, place: 2 * index + half, share: pass.dropout)
  }

  /// - Parameter input: the layer below's output, tokens x dimensions.
  func forward(_ input: FloatMatrix, _ pass: Pass) throws(SibylError) {
    let (buffers, kept, rows) = (pass.buffers, pass.buffers.layers[index], pass.tokenCount)
    let projections = kept.projections[row: 0]
    try projection.forward(
      input[row: 0], rows: rows, parameters: pass.parameters, reduced: kept.projectionsReduced[row: 0],
      into: projections)
    TrainingMath.add(bias: projectionBias, to: projections, rows: rows, columns: kept.projections.columns)
    var weights = kept.attentionWeights[row: 0]
    for sequence in pass.sequences {
      TrainingMath.attention(
        projections: kept.projections[row: sequence.lowerBound], length: sequence.count,
        heads: configuration.heads, headDimensions: configuration.headDimensions, scale: attentionScale,
        weights: weights, into: kept.context[row: sequence.lowerBound],
        scratch: buffers.attentionScratch[row: 0])
      weights += configuration.heads * TrainingMath.attentionWeights(length: sequence.count)
    }
    try attentionOutput.forward(
      kept.context[row: 0], rows: rows, parameters: pass.parameters, reduced: kept.attendedReduced[row: 0],
      into: buffers.product[row: 0])
    TrainingMath.norm(
      product: buffers.product[row: 0], bias: attentionBias, residual: input[row: 0], rows: rows,
      dropout(pass, half: 0), attentionNorm, into: kept.attended[row: 0],
      normalised: kept.attendedNormalised[row: 0], inverses: kept.attendedInverses[row: 0])

    try up.forward(
      kept.attended[row: 0], rows: rows, parameters: pass.parameters, reduced: kept.innerReduced[row: 0],
      into: kept.inner[row: 0])
    TrainingMath.gelu(
      inner: kept.inner[row: 0], bias: upBias, rows: rows, columns: kept.inner.columns,
      into: kept.activated[row: 0])
    try down.forward(
      kept.activated[row: 0], rows: rows, parameters: pass.parameters, reduced: kept.outputReduced[row: 0],
      into: buffers.product[row: 0])
    TrainingMath.norm(
      product: buffers.product[row: 0], bias: downBias, residual: kept.attended[row: 0], rows: rows,
      dropout(pass, half: 1), outputNorm, into: kept.output[row: 0],
      normalised: kept.outputNormalised[row: 0], inverses: kept.outputInverses[row: 0])
  }

  /// Takes the gradient of the layer's output from `buffers.gradient` and leaves that of its input there, except
  /// for the first layer, below which nothing is trained.
  func backward(_ input: FloatMatrix, _ pass: Pass, gradient: UnsafeMutablePointer<Float>) throws(SibylError)
  {
    let (buffers, kept, rows) = (pass.buffers, pass.buffers.layers[index], pass.tokenCount)
    let reducedGradient = buffers.reducedGradient[row: 0]
    TrainingMath.normBackward(
      gradient: buffers.gradient[row: 0], normalised: kept.outputNormalised[row: 0],
      inverses: kept.outputInverses[row: 0], rows: rows, dropout(pass, half: 1), outputNorm,
      residual: buffers.attendedGradient[row: 0], product: buffers.productGradient[row: 0])
    try down.backward(
      buffers.productGradient[row: 0], input: kept.activated[row: 0], rows: rows, parameters: pass.parameters,
      reduced: kept.outputReduced[row: 0], reducedGradient: reducedGradient, gradient: gradient,
      inputGradient: buffers.innerGradient[row: 0], isAdded: false)
    TrainingMath.geluBackward(
      inner: kept.inner[row: 0], count: rows * kept.inner.columns, gradient: buffers.innerGradient[row: 0])
    try up.backward(
      buffers.innerGradient[row: 0], input: kept.attended[row: 0], rows: rows, parameters: pass.parameters,
      reduced: kept.innerReduced[row: 0], reducedGradient: reducedGradient, gradient: gradient,
      inputGradient: buffers.attendedGradient[row: 0], isAdded: true)

    TrainingMath.normBackward(
      gradient: buffers.attendedGradient[row: 0], normalised: kept.attendedNormalised[row: 0],
      inverses: kept.attendedInverses[row: 0], rows: rows, dropout(pass, half: 0), attentionNorm,
      residual: buffers.gradient[row: 0], product: buffers.productGradient[row: 0])
    try attentionOutput.backward(
      buffers.productGradient[row: 0], input: kept.context[row: 0], rows: rows, parameters: pass.parameters,
      reduced: kept.attendedReduced[row: 0], reducedGradient: reducedGradient, gradient: gradient,
      inputGradient: buffers.contextGradient[row: 0], isAdded: false)
    var weights = kept.attentionWeights[row: 0]
    for sequence in pass.sequences {
      TrainingMath.attentionBackward(
        projections: kept.projections[row: sequence.lowerBound], weights: weights,
        gradient: buffers.contextGradient[row: sequence.lowerBound], length: sequence.count,
        heads: configuration.heads, headDimensions: configuration.headDimensions, scale: attentionScale,
        into: buffers.projectionGradient[row: sequence.lowerBound], scratch: buffers.attentionScratch[row: 0])
      weights += configuration.heads * TrainingMath.attentionWeights(length: sequence.count)
    }
    try projection.backward(
      buffers.projectionGradient[row: 0], input: input[row: 0], rows: rows, parameters: pass.parameters,
      reduced: kept.projectionsReduced[row: 0], reducedGradient: reducedGradient, gradient: gradient,
      inputGradient: index > 0 ? buffers.gradient[row: 0] : nil, isAdded: true)
  }
}
