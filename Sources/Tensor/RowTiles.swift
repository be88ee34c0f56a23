/// Cuts the rows of a batch into tiles of few distinct heights.
///
/// oneDNN compiles a kernel for each shape, so heights are multiples of four up to `maximumRows`: a stream
/// of mixed lengths meets sixteen kernels a layer shape and no more. The tiles of a batch are of two neighbouring heights
/// (not of one, with a rest of any height as the last), so that full batches need three or four kernels and a small
/// table does not wait for all sixteen. Tiles are also what keeps a layer's intermediate results in the core's own cache,
/// for which Sibyl's own product takes them too.
///
/// Measured (int8, all layers of MiniLM, two cores): 16 rows reach 82,800 tokens/s, 32 rows 89,700, 48 rows
/// 91,000, 512 rows 90,300; with one kernel of run-time height 37,400, 49,000, 56,500 and 85,100.
public struct RowTiles: Sequence, IteratorProtocol {
  public static let maximumRows = 64
  static let step = 4

  private var start: Int
  private let end: Int
  private let height: Int
  /// Tiles still to come that are a step higher than the others; they come first.
  private var higherTiles: Int

  public init(_ rows: Range<Int>) {
    start = rows.lowerBound
    end = rows.upperBound
    let steps = Self.kernelRows(for: rows.count) / Self.step
    let tiles = Swift.max(1, (rows.count + Self.maximumRows - 1) / Self.maximumRows)
    height = steps / tiles * Self.step
    higherTiles = steps % tiles
  }

  /// The height of the kernel that computes `rows` rows (1 to `maximumRows`).
  static func kernelRows(for rows: Int) -> Int {
    (Swift.max(rows, 1) + step - 1) / step * step
  }

  /// Cuts rows into a share for each of some cores: even ones where the product takes any number of rows, otherwise
  /// whole kernels high, so that none computes rows that it throws away but the last.
  ///
  /// (Measured with 25 tokens on two cores: 13 and 12 rows take 0.88 ± 0.02 of the time of 16 and 9.)
  public static func shares(of rows: Int, cores: Int, precision: Precision) -> [Range<Int>] {
    guard rows > 0 else { return [] }
    // Fewer rows than a step are not worth another core: each reads all weights.
    let shares = Swift.max(1, Swift.min(cores, (rows + step - 1) / step))
    let evenHeight = (rows + shares - 1) / shares
    let takesAnyHeight = precision == .int8 && PanelWeights.areAtHand
    let height = takesAnyHeight ? evenHeight : kernelRows(for: evenHeight)
    return stride(from: 0, to: rows, by: height).map { $0..<Swift.min($0 + height, rows) }
  }

  public mutating func next() -> Range<Int>? {
    guard start < end else { return nil }
    let isHigher = higherTiles > 0
    if isHigher { higherTiles -= 1 }
    let tile = start..<Swift.min(start + height + (isHigher ? Self.step : 0), end)
    start = tile.upperBound
    return tile
  }
}
