import CKernels
import Diagnostics

/// Layer normalisation (Ba, Kiros and Hinton 2016): learnt scale and shift of `weight.count` columns.
///
/// Threads: immutable.
public final class LayerNorm: Sendable {
  let weight: [Float]
  let bias: [Float]
  let epsilon: Float
  var columns: Int { min(weight.count, bias.count) }

  public init(weight: [Float], bias: [Float], epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  func withDescriptor<Result>(_ body: (UnsafePointer<ckernels_norm>) -> Result) -> Result {
    weight.withUnsafeBufferPointer { weight in
      bias.withUnsafeBufferPointer { bias in
        var norm = ckernels_norm(weight: weight.baseAddress, bias: bias.baseAddress, epsilon: epsilon)
        return body(&norm)
      }
    }
  }
}
