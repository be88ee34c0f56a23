import Diagnostics
import Tensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loss that `HeadTrainer` lowers, and its gradient: the weighted mean of the rows' cross-entropies plus `l2 / 2`
/// times the sum of squared weights (biases are free).
///
/// Two matrix products an evaluation, rows times weights and residuals times rows, are nearly all of its work, so they
/// are oneDNN's. Rows are cut into slices and these dealt to lanes, by their number alone; each lane owns its memory and
/// writes nothing else, which is what makes `@unchecked Sendable` sound, and lanes are added up in their order. So the
/// same rows give the same bits whatever the number of cores.
final class HeadObjective: @unchecked Sendable {
  private static let rowsPerSlice = 512
  private static let laneLimit = 8

  private let set: HeadTrainingSet
  /// Which rows each lane works on, slice after slice.
  private let lanes: [[Range<Int>]]
  private let l2: Double
  private let executor: SliceExecutor
  private let featureCount: Int
  private let classCount: Int
  private let totalWeight: Double

  private let weights: UnsafeMutableBufferPointer<Float>
  private let biases: UnsafeMutableBufferPointer<Float>
  private let laneGradients: UnsafeMutableBufferPointer<Float>
  private let laneLogits: UnsafeMutableBufferPointer<Float>
  private let laneBiasGradients: UnsafeMutableBufferPointer<Double>
  private let laneLosses: UnsafeMutableBufferPointer<Double>
  private let laneStatuses: UnsafeMutableBufferPointer<Int32>
  /// What oneDNN answered where it failed; 0 where it did not.
  private(set) var status: Int32 = 0

  /// - Parameter rows: the ranges of rows that are learnt from.
  init(_ set: HeadTrainingSet, rows: [Range<Int>], l2: Double, executor: SliceExecutor) {
    self.set = set
    self.l2 = l2
    self.executor = executor
    featureCount = set.features.columnCount
    classCount = set.classCount
    var slices: [Range<Int>] = []
    for range in rows {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.rowsPerSlice) {
        slices.append(start..<min(start + Self.rowsPerSlice, range.upperBound))
      }
    }
    let laneCount = min(max(slices.count, 1), Self.laneLimit)
    lanes = (0..<laneCount).map { lane in
      Array(slices[slices.count * lane / laneCount..<slices.count * (lane + 1) / laneCount])
    }
    totalWeight = max(
      rows.reduce(0) { sum, range in set.weights[range].reduce(sum) { $0 + Double($1) } },
      .leastNormalMagnitude)

    func zeros<Value: AdditiveArithmetic>(_ count: Int) -> UnsafeMutableBufferPointer<Value> {
      let buffer = UnsafeMutableBufferPointer<Value>.allocate(capacity: count)
      buffer.initialize(repeating: .zero)
      return buffer
    }
    weights = zeros(classCount * featureCount)
    biases = zeros(classCount)
    laneGradients = zeros(laneCount * classCount * featureCount)
    laneLogits = zeros(laneCount * Self.rowsPerSlice * classCount)
    laneBiasGradients = zeros(laneCount * classCount)
    laneLosses = zeros(laneCount)
    laneStatuses = zeros(laneCount)
  }

  deinit {
    weights.deallocate()
    biases.deallocate()
    laneGradients.deallocate()
    laneLogits.deallocate()
    laneBiasGradients.deallocate()
    laneLosses.deallocate()
    laneStatuses.deallocate()
  }

  /// Weights, class after class, then the biases.
  var parameterCount: Int { classCount * (featureCount + 1) }

  /// The loss at `parameters`; `gradient` receives its derivative there.
  func evaluate(_ parameters: [Double], _ gradient: inout [Double]) -> Double {
    let weightCount = classCount * featureCount
    for index in 0..<weightCount { weights[index] = Float(parameters[index]) }
    for index in 0..<classCount { biases[index] = Float(parameters[weightCount + index]) }
    executor.run(lanes.count) { [self] lane in process(lane: lane) }

    var loss = 0.0
    for lane in lanes.indices {
      loss += laneLosses[lane]
      if laneStatuses[lane] != 0 { status = laneStatuses[lane] }
    }
    let share = 1 / totalWeight
    var squares = 0.0
    parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        for index in 0..<weightCount {
          var sum = 0.0
          for lane in lanes.indices { sum += Double(laneGradients[lane &* weightCount &+ index]) }
          let weight = parameters[index]
          gradient[index] = sum * share + l2 * weight
          squares += weight * weight
        }
        for index in 0..<classCount {
          var sum = 0.0
          for lane in lanes.indices { sum += laneBiasGradients[lane * classCount + index] }
          gradient[weightCount + index] = sum * share
        }
      }
    }
    return loss * share + l2 / 2 * squares
  }

  /// The probabilities that `parameters` give some rows, `rows.count * classCount` values.
  func probabilities(of rows: Range<Int>, at parameters: [Double]) -> [Float] {
    let weightCount = classCount * featureCount
    for index in 0..<weightCount { weights[index] = Float(parameters[index]) }
    for index in 0..<classCount { biases[index] = Float(parameters[weightCount + index]) }
    var result: [Float] = []
    result.reserveCapacity(rows.count * classCount)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsPerSlice) {
      let slice = start..<min(start + Self.rowsPerSlice, rows.upperBound)
      executor.run(1) { [self] _ in multiply(slice, lane: 0) }
      if laneStatuses[0] != 0 { status = laneStatuses[0] }
      for row in 0..<slice.count {
        let first = row * classCount
        var logits = (0..<classCount).map { laneLogits[first + $0] + biases[$0] }
        Softmax.apply(to: &logits)
        result += logits
      }
    }
    return result
  }

  /// Loss and gradient of one lane's rows, into the lane's own memory.
  private func process(lane: Int) {
    let gradientCount = classCount * featureCount
    guard let gradients = laneGradients.baseAddress, let logits = laneLogits.baseAddress else { return }
    let gradient = gradients + lane * gradientCount
    let residuals = logits + lane * Self.rowsPerSlice * classCount
    gradient.update(repeating: 0, count: gradientCount)
    for index in 0..<classCount { laneBiasGradients[lane * classCount + index] = 0 }
    var loss = 0.0
    for slice in lanes[lane] {
      multiply(slice, lane: lane)
      for (position, row) in slice.enumerated() {
        loss += turnIntoResiduals(residuals + position * classCount, row: row, lane: lane)
      }
      set.features.values.withUnsafeBufferPointer { values in
        guard let features = values.baseAddress else { return }
        let status = DenseProduct.accumulate(
          columnsOf: residuals, rows: classCount, times: features + slice.lowerBound * featureCount,
          columns: featureCount, inner: slice.count, onto: gradient)
        if status != 0 { laneStatuses[lane] = status }
      }
    }
    laneLosses[lane] = loss
  }

  /// The products of a slice's rows with the weights, into the lane's memory.
  private func multiply(_ slice: Range<Int>, lane: Int) {
    set.features.values.withUnsafeBufferPointer { values in
      guard let features = values.baseAddress, let weights = weights.baseAddress,
        let logits = laneLogits.baseAddress
      else { return }
      let status = DenseProduct.multiply(
        features + slice.lowerBound * featureCount, rows: slice.count, byRowsOf: weights,
        columns: classCount, inner: featureCount, into: logits + lane * Self.rowsPerSlice * classCount)
      if status != 0 { laneStatuses[lane] = status }
    }
  }

  /// Replaces a row's products by `weight * (probability - target)`, and returns its weighted cross-entropy.
  private func turnIntoResiduals(_ cells: UnsafeMutablePointer<Float>, row: Int, lane: Int) -> Double {
    let weight = set.weights[row]
    let label = set.labels[row]
    var largest = -Float.infinity
    for index in 0..<classCount {
      cells[index] += biases[index]
      largest = max(largest, cells[index])
    }
    let target = cells[label] - largest
    var sum: Float = 0
    for index in 0..<classCount {
      cells[index] = exp(cells[index] - largest)
      sum += cells[index]
    }
    let share = weight / sum
    let biasGradients = lane * classCount
    for index in 0..<classCount {
      let residual = cells[index] * share - (index == label ? weight : 0)
      cells[index] = residual
      laneBiasGradients[biasGradients + index] += Double(residual)
    }
    return Double(weight) * (log(Double(sum)) - Double(target))
  }
}
