import Diagnostics
import Threads

/// What the layers of a model share: the kernels that oneDNN compiled for each shape, or the memory of the weights where
/// Sibyl's own product multiplies.
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

  /// The weights' memory, where it is known how much they need.
  let panelMemory: PanelMemory?

  /// - Parameters:
  ///   - areShared: whether the cores of a team will share each product. Where each core has rows of its own, no kernel
  ///     for a part of the outputs is ever needed.
  ///   - weights: numbers in the layers' matrices together, where their precision is known to be int8.
  public init(areShared: Bool, int8Weights weights: Int = 0) throws(SibylError) {
    mostParts = areShared ? Workspace.maximumParts : 1
    panelMemory = weights > 0 && PanelWeights.areAtHand ? try PanelMemory(capacity: weights) : nil
  }

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
