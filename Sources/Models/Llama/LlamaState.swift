import Diagnostics
import Tensor

/// The buffers of one step, reused from step to step.
///
/// Threads: belongs to the worker that made it, and to its team while a step runs.
public final class LlamaState {
  /// The residual stream, tokens x dimensions.
  let hidden: FloatMatrix
  /// The normalised residual stream in the form that products take.
  let input: Activations
  /// Queries, keys and values side by side.
  let projections: FloatMatrix
  /// What attention read, and the same in the form that products take.
  let context: FloatMatrix
  let contextInput: Activations
  /// SwiGLU's output.
  let intermediate: Activations
  /// Cosines and sines of the tokens' positions.
  let angles: FloatMatrix
  /// The rows whose logits are asked for, at their way's end and behind the last attention.
  let selected: Activations
  let selectedHidden: FloatMatrix
  let selectedContext: Activations
  private let logits: FloatMatrix
  private let vocabularySize: Int
  private let widestLayer: Int
  private var workspaces: [Workspace]

  /// The largest batch, in tokens.
  public let tokenCapacity: Int
  /// The most rows of logits of a batch.
  public let logitCapacity: Int

  init(
    _ configuration: LlamaConfiguration, precision: Precision, tokenCapacity: Int, logitCapacity: Int,
    widestLayer: Int, logitColumns: Int
  ) throws(SibylError) {
    guard (1...65_536).contains(tokenCapacity), (1...65_536).contains(logitCapacity) else {
      throw SibylError(
        .internalFault, "a step of \(tokenCapacity) tokens and \(logitCapacity) rows of logits was asked for")
    }
    self.tokenCapacity = tokenCapacity
    self.logitCapacity = logitCapacity
    self.widestLayer = widestLayer
    vocabularySize = configuration.vocabularySize
    let width = configuration.dimensions
    let attended = configuration.heads * configuration.headDimensions
    func activations(_ rows: Int, _ columns: Int) throws(SibylError) -> Activations {
      try Activations(
        rowCapacity: rows, columns: columns, precision: precision, scales: LlamaWeights.scales)
    }
    func floats(_ rows: Int, _ columns: Int) throws(SibylError) -> FloatMatrix {
      try FloatMatrix(rowCapacity: rows, columns: columns)
    }
    hidden = try floats(tokenCapacity, width)
    input = try activations(tokenCapacity, width)
    projections = try floats(tokenCapacity, configuration.projectedDimensions)
    context = try floats(tokenCapacity, attended)
    contextInput = try activations(tokenCapacity, attended)
    intermediate = try activations(tokenCapacity, configuration.intermediateDimensions)
    angles = try floats(tokenCapacity, configuration.rotary.dimensions)
    selected = try activations(logitCapacity, width)
    selectedHidden = try floats(logitCapacity, width)
    selectedContext = try activations(logitCapacity, attended)
    logits = try floats(logitCapacity, logitColumns)
    workspaces = [try Workspace(widestLayer: widestLayer)]
  }

  /// Cores that share a step's work, or nil where one core does it all (other cores have steps of their own).
  public var team: (any Team)? {
    get { workspaces[0].team }
    set { workspaces[0].team = newValue }
  }

  /// The last step's logits, one row for each that was asked for; a float a token of the vocabulary.
  public subscript(logits row: Int) -> UnsafeBufferPointer<Float> {
    guard row >= 0, row < logitCapacity else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: logits[row: row], count: vocabularySize)
  }

  var logitMatrix: FloatMatrix { logits }

  /// What the calling thread uses, with its team.
  var workspace: Workspace { workspaces[0] }

  /// Rows from which each core takes some of them through whole layers, and no longer some columns of every product:
  /// they then wait for each other twice a layer instead of six times, but each unpacks all weights. (Measured on two
  /// cores: 7% more tokens a second at 32 rows, and a third more beside a busy neighbour; 10% less at 8 rows.)
  private static let rowsToShare = 12

  /// Cuts a batch into tiles, as many for each core.
  func tiles(of rows: Range<Int>) -> [Range<Int>] {
    let count = (rows.count + RowTiles.maximumRows - 1) / RowTiles.maximumRows
    guard workspace.parts > 1, count > 1 || rows.count >= Self.rowsToShare else {
      return Array(RowTiles(rows))
    }
    let shared = (count + workspace.parts - 1) / workspace.parts * workspace.parts
    let height = (rows.count + shared - 1) / shared
    return stride(from: rows.lowerBound, to: rows.upperBound, by: height).map {
      $0..<min($0 + height, rows.upperBound)
    }
  }

  /// Runs `body` for every tile: one after the other with all cores on each, or, where there are enough tiles for
  /// all cores, each core with tiles of its own, which saves them from waiting for each other. Tiles must not
  /// depend on each other in the second case, which `body` is not told: results are the same.
  func forEach(
    _ tiles: [Range<Int>], _ body: @escaping (Range<Int>, Workspace) throws(SibylError) -> Void
  ) throws(SibylError) {
    let parts = min(workspace.parts, tiles.count)
    guard parts > 1 else {
      for tile in tiles { try body(tile, workspace) }
      return
    }
    while workspaces.count <= parts { workspaces.append(try Workspace(widestLayer: widestLayer)) }
    let failure = Failure()
    let queue = TileQueue()
    let workspaces = self.workspaces
    workspace.run(parts: parts) { part in
      while let index = queue.next(below: tiles.count) {
        failure.catching { () throws(SibylError) in try body(tiles[index], workspaces[part + 1]) }
      }
    }
    try failure.rethrow()
  }
}
