#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns logits into probabilities.
package enum Softmax {
  /// Replaces logits by `exp(logit - largest) / sum`. Minus infinity gives 0. Where no logit is a number
  /// above minus infinity there is nothing to go by, and all classes get the same.
  package static func apply(to logits: inout [Float]) {
    let largest = logits.reduce(-Float.infinity) { max($0, $1) }
    var sum: Float = 0
    for index in logits.indices {
      logits[index] = exp(logits[index] - largest)
      sum += logits[index]
    }
    guard sum.isFinite, sum > 0 else {
      for index in logits.indices { logits[index] = 1 / Float(logits.count) }
      return
    }
    for index in logits.indices { logits[index] /= sum }
  }

  /// `1 / (1 + exp(-logit))`; a half where the logit is not a number.
  package static func sigmoid(_ logit: Float) -> Float {
    logit.isNaN ? 0.5 : 1 / (1 + exp(-logit))
  }
}
