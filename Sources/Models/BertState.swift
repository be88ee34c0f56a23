import Diagnostics
import Tensor

/// The buffers of one forward pass, reused from batch to batch.
///
/// Threads: belongs to the worker that made it.
public final class BertState {
  /// The residual stream, tokens x dimensions.
  let hidden: FloatMatrix
  /// The residual stream in the form that products take.
  let input: Activations
  /// Queries, keys and values side by side, tokens x 3·dimensions.
  let projections: FloatMatrix
  let attention: SelfAttention
  /// What attention read, tokens x dimensions.
  let context: Activations
  /// GELU's output for one tile, tile rows x intermediate dimensions.
  let intermediate: Activations
  public let workspace: Workspace
  /// The largest batch, in tokens.
  public let tokenCapacity: Int

  init(_ configuration: BertConfiguration, precision: Precision, tokenCapacity: Int) throws(SibylError) {
    self.tokenCapacity = tokenCapacity
    let width = configuration.dimensions
    hidden = try FloatMatrix(rowCapacity: tokenCapacity, columns: width)
    input = try Activations(rowCapacity: tokenCapacity, columns: width, precision: precision)
    projections = try FloatMatrix(rowCapacity: tokenCapacity, columns: 3 * width)
    attention = try SelfAttention(
      heads: configuration.heads, headDimensions: configuration.headDimensions,
      longest: configuration.windowLength, rowCapacity: tokenCapacity)
    context = try Activations(rowCapacity: tokenCapacity, columns: width, precision: precision)
    intermediate = try Activations(
      rowCapacity: RowTiles.maximumRows, columns: configuration.intermediateDimensions,
      precision: precision)
    workspace = try Workspace(widestLayer: max(3 * width, configuration.intermediateDimensions))
  }
}
