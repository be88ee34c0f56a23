import Diagnostics
import Tensor

/// The buffers of one forward pass, reused from batch to batch.
///
/// With a team, each core takes a share of the batch's rows through a layer and waits for the others once a layer:
/// attention needs all keys and values. (Measured with 24 tokens on two cores: a layer whose columns are shared out
/// instead has six such meetings, and reads half of every result from the other core's cache: 0.79 ms a pass against
/// 0.60.)
///
/// Threads: belongs to the worker that made it, and to its team while a pass runs.
public final class BertState {
  /// The residual stream, tokens x dimensions.
  let hidden: FloatMatrix
  /// The residual stream in the form that products take.
  let input: Activations
  /// What attention read, tokens x dimensions.
  let context: Activations
  /// The largest batch, in tokens.
  public let tokenCapacity: Int
  /// Cores that share a pass, or nil where one core does it all (throughput mode: other cores have batches of
  /// their own).
  public var team: (any Team)?

  /// What one core needs for its rows.
  final class Share {
    let workspace: Workspace
    let attention: SelfAttention
    /// GELU's output for one tile, tile rows x intermediate dimensions.
    let intermediate: Activations

    init(_ configuration: BertConfiguration, precision: Precision, tokenCapacity: Int) throws(SibylError) {
      workspace = try Workspace(
        widestLayer: max(3 * configuration.dimensions, configuration.intermediateDimensions))
      attention = try SelfAttention(
        heads: configuration.heads, headDimensions: configuration.headDimensions,
        longest: configuration.windowLength, rowCapacity: tokenCapacity)
      intermediate = try Activations(
        rowCapacity: RowTiles.maximumRows, columns: configuration.intermediateDimensions,
        precision: precision)
    }
  }

  private let configuration: BertConfiguration
  private let precision: Precision
  private var shares: [Share] = []
  private var projections: [FloatMatrix] = []

  init(_ configuration: BertConfiguration, precision: Precision, tokenCapacity: Int) throws(SibylError) {
    self.configuration = configuration
    self.precision = precision
    self.tokenCapacity = tokenCapacity
    let width = configuration.dimensions
    hidden = try FloatMatrix(rowCapacity: tokenCapacity, columns: width)
    input = try Activations(rowCapacity: tokenCapacity, columns: width, precision: precision)
    context = try Activations(rowCapacity: tokenCapacity, columns: width, precision: precision)
  }

  /// Queries, keys and values side by side, tokens x 3·dimensions, of the layer at `index`. A core may be a layer
  /// ahead of another, so layers take turns between two matrices; one core alone needs only one.
  func projections(layer index: Int) -> FloatMatrix { projections[index % projections.count] }

  /// Cuts a batch into the cores' shares of rows, and makes what they need.
  func cut(rows: Int) throws(SibylError) -> [Range<Int>] {
    let ranges = RowTiles.shares(of: rows, cores: team?.cores ?? 1, precision: precision)
    while shares.count < ranges.count {
      shares.append(try Share(configuration, precision: precision, tokenCapacity: tokenCapacity))
    }
    while projections.count < min(ranges.count, 2) {
      projections.append(
        try FloatMatrix(rowCapacity: tokenCapacity, columns: 3 * configuration.dimensions))
    }
    return ranges
  }

  /// Runs `body` for each share of the rows, each on a core of its own where there is a team.
  func forEach(
    _ ranges: [Range<Int>], _ body: @escaping (Range<Int>, Share) throws(SibylError) -> Void
  ) throws(SibylError) {
    guard let team, ranges.count > 1 else {
      for (rows, share) in zip(ranges, shares) { try body(rows, share) }
      return
    }
    let failure = Failure()
    let shares = self.shares
    team.run(parts: ranges.count) { part in
      failure.catching { () throws(SibylError) in try body(ranges[part], shares[part]) }
    }
    try failure.rethrow()
  }
}
