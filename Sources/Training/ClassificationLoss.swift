import Diagnostics
import Models
import Tensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A linear head with softmax cross-entropy over the features in a pass's buffers.
struct ClassificationLoss {
  let layout: ParameterLayout
  let set: FineTuningSet

  /// The loss of some rows of the set, whose features lie in the buffers in the same order.
  ///
  /// - Parameter gradient: receives that of the head times `lossScale`; the buffers receive the features'. Nil for
  ///   neither.
  func evaluate(
    rows: [Int], parameters: UnsafePointer<Float>, _ buffers: PassBuffers, lossScale: Float,
    gradient: UnsafeMutablePointer<Float>?
  ) throws(SibylError) -> TrainableEncoder.Result {
    let (classes, features) = (layout.classCount, layout.featureCount)
    let weights = parameters + layout.headWeights.lowerBound
    let biases = parameters + layout.headBiases.lowerBound
    let logits = buffers.logits[row: 0]
    try FloatProduct.multiply(
      .init(buffers.features[row: 0], stride: features), .init(weights, stride: features, isTurned: true),
      into: logits, stride: classes, rows: rows.count, columns: classes, inner: features)

    var result = TrainableEncoder.Result()
    for (index, row) in rows.enumerated() {
      let cell = set.cells(of: row).lowerBound
      let weight = Double(set.weights[row])
      let rowLogits = logits + index * classes
      var largest = -Float.infinity
      var best = 0
      for label in 0..<classes {
        rowLogits[label] += biases[label] + set.offsets[cell + label]
        if rowLogits[label] > largest { (largest, best) = (rowLogits[label], label) }
      }
      var sum: Float = 0
      for label in 0..<classes { sum += exp(rowLogits[label] - largest) }
      let logSum = log(sum) + largest
      var loss = 0.0
      for label in 0..<classes {
        let target = set.targets[cell + label]
        if target > 0 { loss += Double(target) * Double(logSum - rowLogits[label]) }
        rowLogits[label] = (exp(rowLogits[label] - logSum) - target) * Float(weight) * lossScale
      }
      result.loss += weight * loss
      result.weight += weight
      if best == set.label(of: row) { result.rightWeight += weight }
    }
    guard let gradient else { return result }
    try FloatProduct.multiply(
      .init(logits, stride: classes, isTurned: true), .init(buffers.features[row: 0], stride: features),
      into: gradient + layout.headWeights.lowerBound, stride: features, rows: classes, columns: features,
      inner: rows.count)
    for label in 0..<classes {
      var sum: Float = 0
      for index in rows.indices { sum += logits[index * classes + label] }
      gradient[layout.headBiases.lowerBound + label] = sum
    }
    try FloatProduct.multiply(
      .init(logits, stride: classes), .init(weights, stride: features), into: buffers.featureGradient[row: 0],
      stride: features, rows: rows.count, columns: features, inner: classes)
    return result
  }
}
