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

  /// Into how many parts a layer's outputs can be cut, for cores that share one product.
  let mostParts: Int

  /// - Parameter areShared: whether the cores of a team will share each product. Where each core has rows of its own,
  ///   no kernel for a part of the outputs is ever needed.
  public init(areShared: Bool) { mostParts = areShared ? Workspace.maximumParts : 1 }

  func kernels(inputs: Int, outputs: Int, precision: Precision) -> ProductKernels {
    let shape = Shape(inputs: inputs, outputs: outputs, precision: precision)
    return shapes.withLock { known in
      if let kernels = known[shape] { return kernels }
      let kernels = ProductKernels(
        inputs: inputs, outputs: outputs, precision: precision, mostParts: mostParts)
      known[shape] = kernels
      return kernels
    }
  }
}
