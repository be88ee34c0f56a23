import CKernels
import Diagnostics

/// Root mean square layer normalisation (Zhang and Sennrich 2019): `x / √(mean(x²) + ε) · weight`.
///
/// Threads: immutable.
public final class RMSNorm: Sendable {
  let weight: [Float]
  let epsilon: Float
  public var columns: Int { weight.count }

  /// - Parameter weight: one a column, a multiple of 32.
  public init(weight: [Float], epsilon: Float) throws(SibylError) {
    guard !weight.isEmpty, weight.count % 32 == 0, epsilon >= 0 else {
      throw SibylError(
        .corruptFile, "a normalisation has \(weight.count) weights, where a multiple of 32 was expected")
    }
    self.weight = weight
    self.epsilon = epsilon
  }

  /// The normalised rows of `hidden`, ready for the next layer.
  public func callAsFunction(
    _ hidden: FloatMatrix, rows: Range<Int>, into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    guard
      hidden.columns == columns, output.columns == columns, rows.upperBound <= hidden.rowCapacity,
      rows.upperBound <= output.rowCapacity, columns <= workspace.widestRow
    else { throw SibylError(.internalFault, "a normalisation was given buffers of another shape") }
    var target = output.descriptor(from: rows.lowerBound)
    withDescriptor { norm in
      ckernels_rms_norm(
        hidden[row: rows.lowerBound], rows.count, columns, norm, &target, workspace.row(part: 0))
    }
  }

  func withDescriptor<Result>(_ body: (UnsafePointer<ckernels_norm>) -> Result) -> Result {
    weight.withUnsafeBufferPointer { weight in
      var norm = ckernels_norm(weight: weight.baseAddress, bias: nil, epsilon: epsilon)
      return body(&norm)
    }
  }
}
