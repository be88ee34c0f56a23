import Diagnostics
import Models
import Tensor

/// A frozen matrix with a trained low-rank change, `y = x · Wᵀ + scale · (x · Aᵀ) · Bᵀ`, and the gradients of its
/// input and of A and B (Hu et al. 2021). The bias is added by what follows.
///
/// Several matrices with the same input (query, key and value) are one product: their W and their A lie one above
/// the other, their outputs side by side.
final class AdaptedProduct: Sendable {
  let inputs: Int
  /// Of each matrix.
  let outputs: Int
  let matrices: [AdaptedMatrix]
  private let weights: [Float]
  private let layer: Int
  private let layout: ParameterLayout
  private let scale: Float

  var width: Int { outputs * matrices.count }
  /// Columns of `x · Aᵀ`.
  var reducedWidth: Int { layout.rank * matrices.count }

  init<Source: WeightSource>(
    _ checkpoint: BertCheckpoint<Source>, layer: Int, _ matrices: [AdaptedMatrix], _ layout: ParameterLayout,
    scale: Float
  ) throws(SibylError) {
    let first = matrices.first ?? .query
    inputs = first.inputs(layout.configuration)
    outputs = first.outputs(layout.configuration)
    self.matrices = matrices
    self.layer = layer
    self.layout = layout
    self.scale = scale
    var weights: [Float] = []
    for matrix in matrices { weights += try checkpoint.matrix(layer: layer, matrix) }
    self.weights = weights
  }

  /// - Parameters:
  ///   - input: rows x inputs.
  ///   - reduced: receives `x · Aᵀ`, rows x `reducedWidth`; the backward pass needs it.
  ///   - output: rows x `width`.
  func forward(
    _ input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    reduced: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) throws(SibylError) {
    let rank = layout.rank
    try withWeights { (weights) throws(SibylError) in
      try FloatProduct.multiply(
        .init(input, stride: inputs), .init(weights, stride: inputs, isTurned: true), into: output,
        stride: width, rows: rows, columns: width, inner: inputs)
    }
    try FloatProduct.multiply(
      .init(input, stride: inputs), .init(parameters + firstA, stride: inputs, isTurned: true),
      into: reduced, stride: reducedWidth, rows: rows, columns: reducedWidth, inner: inputs)
    for (index, matrix) in matrices.enumerated() {
      try FloatProduct.multiply(
        .init(reduced + index * rank, stride: reducedWidth),
        .init(parameters + layout.b(layer: layer, matrix).lowerBound, stride: rank, isTurned: true),
        into: output + index * outputs, stride: width, rows: rows, columns: outputs, inner: rank,
        scale: scale,
        isAdded: true)
    }
  }

  /// Writes the gradients of A and B, and that of the input unless it is nil.
  ///
  /// - Parameters:
  ///   - outputGradient: rows x `width`.
  ///   - reduced: what `forward` left there.
  ///   - reducedGradient: scratch of the same size.
  ///   - isAdded: whether the input's gradient is added to what is there.
  func backward(
    _ outputGradient: UnsafePointer<Float>, input: UnsafePointer<Float>, rows: Int,
    parameters: UnsafePointer<Float>, reduced: UnsafePointer<Float>,
    reducedGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>?, isAdded: Bool
  ) throws(SibylError) {
    let rank = layout.rank
    for (index, matrix) in matrices.enumerated() {
      let b = layout.b(layer: layer, matrix).lowerBound
      let slope = FloatProduct.Operand(outputGradient + index * outputs, stride: width)
      try FloatProduct.multiply(
        slope, .init(parameters + b, stride: rank), into: reducedGradient + index * rank,
        stride: reducedWidth, rows: rows, columns: rank, inner: outputs, scale: scale)
      try FloatProduct.multiply(
        slope.turned, .init(reduced + index * rank, stride: reducedWidth), into: gradient + b, stride: rank,
        rows: outputs, columns: rank, inner: rows, scale: scale)
    }
    try FloatProduct.multiply(
      .init(reducedGradient, stride: reducedWidth, isTurned: true), .init(input, stride: inputs),
      into: gradient + firstA, stride: inputs, rows: reducedWidth, columns: inputs, inner: rows)
    guard let inputGradient else { return }
    try withWeights { (weights) throws(SibylError) in
      try FloatProduct.multiply(
        .init(outputGradient, stride: width), .init(weights, stride: inputs), into: inputGradient,
        stride: inputs, rows: rows, columns: inputs, inner: width, isAdded: isAdded)
    }
    try FloatProduct.multiply(
      .init(reducedGradient, stride: reducedWidth), .init(parameters + firstA, stride: inputs),
      into: inputGradient, stride: inputs, rows: rows, columns: inputs, inner: reducedWidth, isAdded: true)
  }

  private var firstA: Int { layout.a(layer: layer, matrices.first ?? .query).lowerBound }

  private func withWeights(_ body: (UnsafePointer<Float>) throws(SibylError) -> Void) throws(SibylError) {
    try weights.withUnsafeBufferPointer { (weights) throws(SibylError) in
      guard let base = weights.baseAddress else { return }
      try body(base)
    }
  }
}
