import Diagnostics
import Models
import Tensor

/// What a layer's forward pass leaves for its backward pass. All have one row a token.
///
/// Threads: belongs to one pass at a time.
final class LayerActivations {
  /// Queries, keys and values side by side, 3 · dimensions.
  let projections: FloatMatrix
  /// What attention read.
  let context: FloatMatrix
  /// The output of the first half, and the same before its norm's scale and shift.
  let attended: FloatMatrix
  let attendedNormalised: FloatMatrix
  let attendedInverses: FloatMatrix
  /// Before and after GELU, intermediate dimensions.
  let inner: FloatMatrix
  let activated: FloatMatrix
  /// The layer's output, and the same before its norm's scale and shift.
  let output: FloatMatrix
  let outputNormalised: FloatMatrix
  let outputInverses: FloatMatrix
  /// `x · Aᵀ` of each product.
  let projectionsReduced: FloatMatrix
  let attendedReduced: FloatMatrix
  let innerReduced: FloatMatrix
  let outputReduced: FloatMatrix
  /// Attention's weights, sequence after sequence, head after head.
  let attentionWeights: FloatMatrix

  /// - Parameter weights: floats of attention weights of the largest batch.
  init(_ layout: ParameterLayout, tokens: Int, weights: Int) throws(SibylError) {
    let width = layout.configuration.dimensions
    let innerWidth = layout.configuration.intermediateDimensions
    func matrix(_ columns: Int) throws(SibylError) -> FloatMatrix {
      try FloatMatrix(rowCapacity: tokens, columns: columns)
    }
    projections = try matrix(3 * width)
    context = try matrix(width)
    attended = try matrix(width)
    attendedNormalised = try matrix(width)
    attendedInverses = try matrix(1)
    inner = try matrix(innerWidth)
    activated = try matrix(innerWidth)
    output = try matrix(width)
    outputNormalised = try matrix(width)
    outputInverses = try matrix(1)
    projectionsReduced = try matrix(3 * layout.rank)
    attendedReduced = try matrix(layout.rank)
    innerReduced = try matrix(layout.rank)
    outputReduced = try matrix(layout.rank)
    attentionWeights = try FloatMatrix(rowCapacity: 1, columns: weights)
  }
}
