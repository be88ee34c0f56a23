import CKernels
import Diagnostics

/// A matrix in the form in which a linear layer takes its input: rows of u8, bfloat16 or float32.
///
/// Threads: belongs to one worker at a time.
public final class Activations {
  /// How an int8 row's scales are shared.
  public enum Scales: Sendable, Hashable {
    /// One scale and one zero point a row.
    case perRow
    /// One scale and one offset for each 32 columns.
    case perGroup
  }

  public let precision: Precision
  public let scaling: Scales
  public let rowCapacity: Int
  public let columns: Int
  private let values: AlignedBuffer<UInt8>
  private let scales: AlignedBuffer<Float>
  private let offsets: AlignedBuffer<Float>
  private let sums: AlignedBuffer<Float>
  private let zeroPoints: AlignedBuffer<Int32>

  /// - Parameter scales: only int8 has scales.
  public init(
    rowCapacity: Int, columns: Int, precision: Precision, scales scaling: Scales = .perRow
  ) throws(SibylError) {
    self.precision = precision
    self.scaling = precision == .int8 ? scaling : .perRow
    // A kernel works on whole tiles: the last one may read (and then ignore) rows past the last token.
    self.rowCapacity = rowCapacity + RowTiles.maximumRows
    self.columns = columns
    values = try AlignedBuffer(count: self.rowCapacity * columns * precision.operandSize)
    let quantisedRows = precision == .int8 ? self.rowCapacity : 0
    let groups = self.scaling == .perGroup ? columns / Int(CKERNELS_GROUP) : 1
    scales = try AlignedBuffer(count: quantisedRows * groups)
    offsets = try AlignedBuffer(count: self.scaling == .perGroup ? quantisedRows * groups : 0)
    sums = try AlignedBuffer(count: self.scaling == .perGroup ? quantisedRows * groups : 0)
    zeroPoints = try AlignedBuffer(count: self.scaling == .perRow ? quantisedRows : 0)
  }

  private var isGrouped: Bool { precision == .int8 && scaling == .perGroup }
  private var groups: Int { columns / Int(CKERNELS_GROUP) }

  /// The rows from `row` on, as the kernels see them.
  func descriptor(from row: Int) -> ckernels_activations {
    if isGrouped {
      return ckernels_activations(
        format: Int32(CKERNELS_S8_GROUPS.rawValue), values: operand(from: row),
        scales: scales.base + row * groups, zero_points: nil,
        offsets: offsets.base + row * groups, sums: sums.base + row * groups)
    }
    return ckernels_activations(
      format: precision.format, values: operand(from: row),
      scales: precision == .int8 ? scales.base + row : nil,
      zero_points: precision == .int8 ? zeroPoints.base + row : nil, offsets: nil, sums: nil)
  }

  func operand(from row: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(values.base + row * columns * precision.operandSize)
  }

  /// Makes the first rows those of another matrix of the same form.
  package func copyRows(_ rows: [Int], of other: Activations) throws(SibylError) {
    guard
      other.columns == columns, other.precision == precision, other.scaling == scaling,
      rows.count <= rowCapacity,
      rows.allSatisfy({ $0 >= 0 && $0 < other.rowCapacity })
    else { throw SibylError(.internalFault, "rows of another shape were to be copied") }
    for (target, source) in rows.enumerated() {
      operand(from: target).copyMemory(
        from: other.operand(from: source), byteCount: columns * precision.operandSize)
      if isGrouped {
        for group in 0..<groups {
          scales.base[target * groups + group] = other.scales.base[source * groups + group]
          offsets.base[target * groups + group] = other.offsets.base[source * groups + group]
          sums.base[target * groups + group] = other.sums.base[source * groups + group]
        }
      } else if precision == .int8 {
        scales.base[target] = other.scales.base[source]
        zeroPoints.base[target] = other.zeroPoints.base[source]
      }
    }
  }

  /// Converts float32 rows, from row 0 on.
  package func load(_ values: [Float], rows: Int) {
    guard rows <= rowCapacity, values.count >= rows * columns else { return }
    var target = descriptor(from: 0)
    ckernels_convert(values, rows, columns, &target)
  }

  /// The first rows as float32, for comparison with a reference.
  package func floats(rows: Int) -> [Float] {
    (0..<(min(rows, rowCapacity) * columns)).map { index in
      switch precision {
      case .f32:
        return UnsafeRawPointer(values.base).load(fromByteOffset: index * 4, as: Float.self)
      case .bf16:
        let half = UnsafeRawPointer(values.base).load(fromByteOffset: index * 2, as: UInt16.self)
        return Float(bitPattern: UInt32(half) << 16)
      case .int8:
        let row = index / columns
        if isGrouped {
          let group = index / Int(CKERNELS_GROUP)
          return Float(Int8(bitPattern: values.base[index])) * scales.base[group] + offsets.base[group]
        }
        return Float(Int32(values.base[index]) - zeroPoints.base[row]) * scales.base[row]
      }
    }
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

  /// Makes the first rows those of another matrix.
  package func copyRows(_ rows: [Int], of other: FloatMatrix) throws(SibylError) {
    guard
      other.columns == columns, rows.count <= rowCapacity,
      rows.allSatisfy({ $0 >= 0 && $0 < other.rowCapacity })
    else { throw SibylError(.internalFault, "rows of another shape were to be copied") }
    for (target, source) in rows.enumerated() {
      self[row: target].update(from: other[row: source], count: columns)
    }
  }

  /// Copies rows in, from row 0 on.
  package func load(_ source: [Float]) {
    for (index, value) in source.prefix(rowCapacity * columns).enumerated() { values.base[index] = value }
  }

  package func values(rows: Range<Int>) -> [Float] {
    let rows = rows.clamped(to: 0..<rowCapacity)
    return Array(UnsafeBufferPointer(start: self[row: rows.lowerBound], count: rows.count * columns))
  }
}
