import CKernels
import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Rotary position embedding (Su et al. 2021): dimensions i and i + rotated/2 of a head's vector at position p
/// turn by the angle `p · frequency[i]`.
///
/// Threads: immutable.
public final class RotaryEmbedding: Sendable {
  /// Of a head's dimensions, how many turn; those behind them stay as they are.
  public let rotatedDimensions: Int
  private let frequencies: [Double]
  private let magnitude: Double

  /// - Parameters:
  ///   - frequencies: radians a position; a multiple of 16 of them.
  ///   - magnitude: what turned vectors are multiplied by.
  public init(frequencies: [Double], magnitude: Double = 1) throws(SibylError) {
    guard !frequencies.isEmpty, frequencies.count % 16 == 0 else {
      throw SibylError(
        .corruptFile,
        "the model turns \(2 * frequencies.count) dimensions of each head by position; "
          + "sibyl computes multiples of 32")
    }
    self.frequencies = frequencies
    self.magnitude = magnitude
    rotatedDimensions = 2 * frequencies.count
  }

  /// Cosines and sines of the angles at some positions, one row each.
  public func fill(_ angles: FloatMatrix, positions: some Collection<Int>) throws(SibylError) {
    guard angles.columns == rotatedDimensions, positions.count <= angles.rowCapacity else {
      throw Self.misfit
    }
    for (row, position) in positions.enumerated() {
      let cosines = angles[row: row]
      let sines = cosines + frequencies.count
      for (index, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        cosines[index] = Float(cos(angle) * magnitude)
        sines[index] = Float(sin(angle) * magnitude)
      }
    }
  }

  /// Turns the vectors of `heads` heads that lie side by side in each row, from `column` on.
  ///
  /// - Parameters:
  ///   - norm: normalises each head's vector before it turns, where a model does that.
  ///   - scale: what everything is multiplied by.
  public func callAsFunction(
    _ vectors: FloatMatrix, rows: Range<Int>, column: Int, heads: Int, headDimensions: Int,
    angles: FloatMatrix, norm: RMSNorm?, scale: Float
  ) throws(SibylError) {
    guard
      column >= 0, heads > 0, column + heads * headDimensions <= vectors.columns,
      rows.upperBound <= vectors.rowCapacity, rows.upperBound <= angles.rowCapacity,
      angles.columns == rotatedDimensions, rotatedDimensions <= headDimensions, headDimensions % 32 == 0,
      norm.map({ $0.columns == headDimensions }) ?? true
    else { throw Self.misfit }
    func turn(_ norm: UnsafePointer<ckernels_norm>?) {
      ckernels_rotary(
        vectors[row: rows.lowerBound] + column, vectors.columns, rows.count, heads, headDimensions,
        rotatedDimensions, angles[row: rows.lowerBound], norm, scale)
    }
    if let norm { norm.withDescriptor(turn) } else { turn(nil) }
  }

  private static let misfit = SibylError(
    .internalFault, "a rotary embedding was given buffers of another shape")
}
