import COneDNN
import Diagnostics

/// Products of float32 matrices as they lie in memory, row-major: for weights that change from one product to the
/// next, so that packing them would not pay.
///
/// On the calling thread alone where `Workspace.setCoresPerProduct(1)` was said there. Any thread may call, with
/// memory of its own to write to.
package enum DenseProduct {
  /// `product = left · rightᵀ`.
  ///
  /// - Parameters:
  ///   - left: `rows` x `inner`.
  ///   - right: `columns` x `inner`.
  ///   - product: `rows` x `columns`.
  /// - Returns: oneDNN's status, 0 for success.
  package static func multiply(
    _ left: UnsafePointer<Float>, rows: Int, byRowsOf right: UnsafePointer<Float>, columns: Int, inner: Int,
    into product: UnsafeMutablePointer<Float>
  ) -> Int32 {
    conednn_multiply_floats(
      0, 1, Int64(rows), Int64(columns), Int64(inner), 1, left, Int64(inner), right, Int64(inner), 0, product,
      Int64(columns))
  }

  /// `sum += leftᵀ · right`.
  ///
  /// - Parameters:
  ///   - left: `inner` x `rows`.
  ///   - right: `inner` x `columns`.
  ///   - sum: `rows` x `columns`.
  /// - Returns: oneDNN's status, 0 for success.
  package static func accumulate(
    columnsOf left: UnsafePointer<Float>, rows: Int, times right: UnsafePointer<Float>, columns: Int,
    inner: Int,
    onto sum: UnsafeMutablePointer<Float>
  ) -> Int32 {
    conednn_multiply_floats(
      1, 0, Int64(rows), Int64(columns), Int64(inner), 1, left, Int64(rows), right, Int64(columns), 1, sum,
      Int64(columns))
  }

  /// What oneDNN says about a product that it refused.
  package static func fault(_ status: Int32) -> SibylError {
    SibylError.oneDNN(status, doing: "multiplying matrices")
  }
}
