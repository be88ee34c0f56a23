import CKernels
import Diagnostics

/// A matrix in the form in which a linear layer takes its input: rows of u8, bfloat16 or float32.
///
/// Threads: belongs to one worker at a time.
public final class Activations {
  public let precision: Precision
  public let rowCapacity: Int
  public let columns: Int
  private let values: AlignedBuffer<UInt8>
  private let scales: AlignedBuffer<Float>
  private let zeroPoints: AlignedBuffer<Int32>

  public init(rowCapacity: Int, columns: Int, precision: Precision) throws(SibylError) {
    self.precision = precision
    // A kernel works on whole tiles: the last one may read (and then ignore) rows past the last token.
    self.rowCapacity = rowCapacity + RowTiles.maximumRows
    self.columns = columns
    values = try AlignedBuffer(count: self.rowCapacity * columns * precision.operandSize)
    let quantisedRows = precision == .int8 ? self.rowCapacity : 0
    scales = try AlignedBuffer(count: quantisedRows)
    zeroPoints = try AlignedBuffer(count: quantisedRows)
  }

  /// The rows from `row` on, as the kernels see them.
  func descriptor(from row: Int) -> ckernels_activations {
    ckernels_activations(
      format: precision.format, values: operand(from: row),
      scales: precision == .int8 ? scales.base + row : nil,
      zero_points: precision == .int8 ? zeroPoints.base + row : nil)
  }

  func operand(from row: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(values.base + row * columns * precision.operandSize)
  }

  func scale(from row: Int) -> UnsafePointer<Float> { UnsafePointer(scales.base + row) }
  func zeroPoint(from row: Int) -> UnsafePointer<Int32> { UnsafePointer(zeroPoints.base + row) }
}

/// A float32 matrix, row-major.
///
/// Threads: belongs to one worker at a time.
public final class FloatMatrix {
  public let rowCapacity: Int
  public let columns: Int
  private let values: AlignedBuffer<Float>

  public init(rowCapacity: Int, columns: Int) throws(SibylError) {
    self.rowCapacity = rowCapacity
    self.columns = columns
    values = try AlignedBuffer(count: rowCapacity * columns)
  }

  /// The first element of `row`.
  public subscript(row row: Int) -> UnsafeMutablePointer<Float> { values.base + row * columns }
}
