import COneDNN
import Diagnostics

/// Products of float32 matrices whose values change all the time, as those of a training step do: nothing is
/// compiled or packed for them beforehand.
///
/// Threads: any. On a thread that called `Workspace.setCoresPerProduct(1)` a product's bits depend on its
/// operands and shape alone.
package enum FloatProduct {
  /// A matrix as it lies in memory, row-major.
  package struct Operand {
    let base: UnsafePointer<Float>
    let stride: Int
    let isTurned: Bool

    /// - Parameter stride: floats from one row to the next.
    package init(_ base: UnsafePointer<Float>, stride: Int, isTurned: Bool = false) {
      self.base = base
      self.stride = stride
      self.isTurned = isTurned
    }

    /// The same numbers, taken for the transposed matrix.
    package var turned: Operand { Operand(base, stride: stride, isTurned: !isTurned) }
  }

  /// `result = scale · a · b`, or that added to what is there.
  ///
  /// - Parameters:
  ///   - a: rows x inner, after turning.
  ///   - b: inner x columns, after turning.
  ///   - stride: floats from one row of the result to the next.
  package static func multiply(
    _ a: Operand, _ b: Operand, into result: UnsafeMutablePointer<Float>, stride: Int, rows: Int,
    columns: Int, inner: Int, scale: Float = 1, isAdded: Bool = false
  ) throws(SibylError) {
    guard rows > 0, columns > 0, inner > 0 else { return }
    let status = conednn_multiply_floats(
      a.isTurned ? 1 : 0, b.isTurned ? 1 : 0, Int64(rows), Int64(columns), Int64(inner), scale, a.base,
      Int64(a.stride), b.base, Int64(b.stride), isAdded ? 1 : 0, result, Int64(stride))
    guard status == 0 else {
      throw SibylError.oneDNN(status, doing: "multiplying matrices of a training step")
    }
  }
}
