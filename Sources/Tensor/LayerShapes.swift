import Diagnostics
import Threads

/// The kernels of all layer shapes of a model: layers of the same shape share what oneDNN compiled.
///
/// Threads: safe for any number.
public final class LayerShapes: Sendable {
  private struct Shape: Hashable {
    let inputs: Int
    let outputs: Int
    let precision: Precision
  }

  private let shapes = Guarded<[Shape: ProductKernels]>([:])

  public init() {}

  func kernels(inputs: Int, outputs: Int, precision: Precision) -> ProductKernels {
    let shape = Shape(inputs: inputs, outputs: outputs, precision: precision)
    return shapes.withLock { known in
      if let kernels = known[shape] { return kernels }
      let kernels = ProductKernels(inputs: inputs, outputs: outputs, precision: precision)
      known[shape] = kernels
      return kernels
    }
  }
}
