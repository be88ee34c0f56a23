import COneDNN
import Diagnostics
import Synchronization
import Threads

/// The compiled kernels of one layer shape, by tile height and by the number of parts in which the outputs
/// are cut; compiled when first met and kept.
///
/// Threads: safe for any number; kernels are immutable once made.
final class ProductKernels: Sendable {
  private struct Variant: Hashable {
    let rows: Int
    let parts: Int
  }

  private let inputs: Int
  private let outputs: Int
  private let precision: Precision
  /// Into how many parts the outputs will be cut at most.
  let mostParts: Int
  private let compiled = Guarded<[Variant: Kernel]>([:])

  init(inputs: Int, outputs: Int, precision: Precision, mostParts: Int) {
    self.mostParts = mostParts
    self.inputs = inputs
    self.outputs = outputs
    self.precision = precision
  }

  /// The kernel for tiles of `rows` rows and one of `parts` parts of the outputs.
  ///
  /// - Parameter weights: what it will multiply by, or nil to let oneDNN choose the layout.
  func kernel(rows: Int, parts: Int, weights: OpaquePointer?) throws(SibylError) -> Kernel {
    let variant = Variant(rows: rows, parts: parts)
    if let found = compiled.withLock({ $0[variant] }) { return found }
    let made = try Kernel(
      precision: precision, rows: rows, inputs: inputs, outputs: outputs / parts, stride: outputs,
      weights: weights)
    // Two threads may compile the same kernel at once; either is good.
    compiled.withLock { $0[variant] = made }
    return made
  }
}

/// One compiled matrix product. Immutable, so any thread may run it.
package final class Kernel: @unchecked Sendable {
  let handle: OpaquePointer
  /// Bytes of scratch memory that one run needs.
  let scratchSize: Int

  /// Kernels compiled in this process so far.
  package static var compiledCount: Int { compiled.load(ordering: .relaxed) }
  private static let compiled = Atomic<Int>(0)

  init(
    precision: Precision, rows: Int, inputs: Int, outputs: Int, stride: Int, weights: OpaquePointer?
  ) throws(SibylError) {
    var kernel: OpaquePointer?
    let status = conednn_kernel_create(
      &kernel, precision.productType, Int64(rows), Int64(inputs), Int64(outputs), Int64(stride), weights)
    guard status == 0, let kernel else {
      throw SibylError.oneDNN(
        status, doing: "compiling a \(precision.rawValue) product of \(rows)x\(inputs)x\(outputs)")
    }
    handle = kernel
    Self.compiled.add(1, ordering: .relaxed)
    scratchSize = conednn_kernel_scratchpad_size(kernel)
  }

  deinit { conednn_kernel_destroy(handle) }
}

extension Precision {
  var productType: conednn_type {
    switch self {
    case .int8: return CONEDNN_INT8
    case .bf16: return CONEDNN_BF16
    case .f32: return CONEDNN_F32
    }
  }
}

extension SibylError {
  static func oneDNN(_ status: Int32, doing: String) -> SibylError {
    SibylError(
      .internalFault,
      "oneDNN answered \"\(String(cString: conednn_status_text(status)))\" when \(doing); "
        + "SIBYL_PRECISION=f32 avoids special instructions")
  }
}
