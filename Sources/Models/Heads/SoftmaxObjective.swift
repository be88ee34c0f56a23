#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loss that training lowers, and its gradient: the weighted mean of the rows' cross-entropies plus
/// `l2 / 2` times the sum of squared weights (biases are free).
///
/// The weights here belong to scaled features; rows are read unscaled, with shift and scale moved over to the
/// weights, so that the features are passed over once an evaluation and never copied.
///
/// Rows are cut into slices, a number that depends on their count alone. Each slice owns its scratch memory
/// and writes nothing else, which is what makes `@unchecked Sendable` sound; `evaluate` itself is called from
/// one thread at a time. Sums within a slice are float32, across slices float64 in slice order.
final class SoftmaxObjective: @unchecked Sendable {
  /// Rows whose features stay in the core's cache between the product and the gradient.
  private static let rowsPerBlock = 32

  private let set: TrainingSet
  private let rows: [Int32]
  private let scaling: FeatureScaling
  private let l2: Double
  private let fitsBiases: Bool
  private let executor: SliceExecutor

  private let featureCount: Int
  private let classCount: Int
  /// The class count rounded up to whole tiles; the weights of the classes beyond stay zero.
  private let paddedClassCount: Int
  private let sliceCount: Int
  private let totalWeight: Double

  private let weights: UnsafeMutableBufferPointer<Float>
  private let biases: UnsafeMutableBufferPointer<Float>
  private let zeroRow: UnsafeMutableBufferPointer<Float>
  private let sliceGradients: UnsafeMutableBufferPointer<Float>
  private let sliceResiduals: UnsafeMutableBufferPointer<Float>
  private let sliceBiasGradients: UnsafeMutableBufferPointer<Double>
  private let sliceLosses: UnsafeMutableBufferPointer<Double>

  init(
    set: TrainingSet, rows: [Int32], scaling: FeatureScaling, l2: Double, fitsBiases: Bool,
    executor: SliceExecutor
  ) {
    self.set = set
    self.rows = rows
    self.scaling = scaling
    self.l2 = l2
    self.fitsBiases = fitsBiases
    self.executor = executor
    featureCount = set.features.columnCount
    classCount = set.classCount
    let tile = RowProducts.classesPerTile
    paddedClassCount = (classCount + tile - 1) / tile * tile
    sliceCount = min(max(rows.count / 1024, 1), 32)
    totalWeight = max(rows.reduce(0) { $0 + Double(set.weights[Int($1)]) }, .leastNormalMagnitude)

    func zeros<Value: AdditiveArithmetic>(_ count: Int) -> UnsafeMutableBufferPointer<Value> {
      let buffer = UnsafeMutableBufferPointer<Value>.allocate(capacity: count)
      buffer.initialize(repeating: .zero)
      return buffer
    }
    weights = zeros(paddedClassCount * featureCount)
    biases = zeros(classCount)
    zeroRow = zeros(featureCount)
    sliceGradients = zeros(sliceCount * paddedClassCount * featureCount)
    sliceResiduals = zeros(sliceCount * Self.rowsPerBlock * paddedClassCount)
    sliceBiasGradients = zeros(sliceCount * classCount)
    sliceLosses = zeros(sliceCount)
  }

  deinit {
    weights.deallocate()
    biases.deallocate()
    zeroRow.deallocate()
    sliceGradients.deallocate()
    sliceResiduals.deallocate()
    sliceBiasGradients.deallocate()
    sliceLosses.deallocate()
  }

  /// Weights of the scaled features, class after class, then the biases.
  var parameterCount: Int { classCount * featureCount + (fitsBiases ? classCount : 0) }

  /// The loss at `parameters`; `gradient` receives its derivative there.
  func evaluate(_ parameters: [Double], _ gradient: inout [Double]) -> Double {
    unscale(parameters)
    executor.run(sliceCount) { [self] slice in process(slice: slice) }

    var loss = 0.0
    for slice in 0..<sliceCount { loss += sliceLosses[slice] }
    loss /= totalWeight
    var squares = 0.0
    for index in 0..<classCount {
      var biasGradient = 0.0
      for slice in 0..<sliceCount { biasGradient += sliceBiasGradients[slice * classCount + index] }
      if fitsBiases { gradient[classCount * featureCount + index] = biasGradient / totalWeight }
      for column in 0..<featureCount {
        var sum = 0.0
        for slice in 0..<sliceCount {
          sum += Double(sliceGradients[(slice * paddedClassCount + index) * featureCount + column])
        }
        let weight = parameters[index * featureCount + column]
        let shifted = sum - Double(scaling.shifts[column]) * biasGradient
        gradient[index * featureCount + column] =
          shifted * Double(scaling.scales[column]) / totalWeight + l2 * weight
        squares += weight * weight
      }
    }
    return loss + l2 / 2 * squares
  }

  /// The weights and biases for unscaled features that `parameters` amount to.
  func unscaled(_ parameters: [Double]) -> (weights: [Float], biases: [Float]) {
    unscale(parameters)
    return (Array(weights.prefix(classCount * featureCount)), Array(biases))
  }

  private func unscale(_ parameters: [Double]) {
    for index in 0..<classCount {
      var bias = fitsBiases ? parameters[classCount * featureCount + index] : 0
      for column in 0..<featureCount {
        let weight = parameters[index * featureCount + column] * Double(scaling.scales[column])
        weights[index * featureCount + column] = Float(weight)
        bias -= weight * Double(scaling.shifts[column])
      }
      biases[index] = Float(bias)
    }
  }

  /// Loss and gradient of one slice of the rows, into the slice's own memory.
  private func process(slice: Int) {
    let gradientCount = paddedClassCount * featureCount
    let residualCount = Self.rowsPerBlock * paddedClassCount
    set.features.values.withUnsafeBufferPointer { values in
      guard let features = values.baseAddress, let zero = zeroRow.baseAddress,
        let weights = weights.baseAddress, let gradients = sliceGradients.baseAddress,
        let residuals = sliceResiduals.baseAddress
      else { return }
      let gradient = gradients + slice * gradientCount
      let residual = residuals + slice * residualCount
      gradient.update(repeating: 0, count: gradientCount)
      for index in 0..<classCount { sliceBiasGradients[slice * classCount + index] = 0 }
      var loss = 0.0

      let first = rows.count * slice / sliceCount
      let last = rows.count * (slice + 1) / sliceCount
      for start in stride(from: first, to: last, by: Self.rowsPerBlock) {
        let end = min(start + Self.rowsPerBlock, last)
        func pointer(_ position: Int) -> UnsafePointer<Float> {
          position < end ? features + Int(rows[position]) * featureCount : UnsafePointer(zero)
        }
        func tile(_ position: Int) -> RowProducts.Rows {
          (pointer(position), pointer(position + 1), pointer(position + 2), pointer(position + 3))
        }
        for index in stride(from: 0, to: paddedClassCount, by: RowProducts.classesPerTile) {
          for position in stride(from: start, to: end, by: RowProducts.rowsPerTile) {
            RowProducts.multiply(
              tile(position), by: weights + index * featureCount, stride: featureCount, count: featureCount,
              into: residual + (position - start) * paddedClassCount + index,
              outputStride: paddedClassCount)
          }
        }
        for position in start..<end {
          loss += turnIntoResiduals(
            residual + (position - start) * paddedClassCount, row: Int(rows[position]), slice: slice)
        }
        // Rows beyond the end are zero vectors, but what the product left there need not be: 0 times it is.
        for position in end..<max(end, start + Self.rowsPerBlock) {
          (residual + (position - start) * paddedClassCount).update(repeating: 0, count: paddedClassCount)
        }
        for index in stride(from: 0, to: paddedClassCount, by: RowProducts.classesPerTile) {
          for position in stride(from: start, to: end, by: RowProducts.rowsPerTile) {
            RowProducts.accumulate(
              tile(position), scaledBy: residual + (position - start) * paddedClassCount + index,
              residualStride: paddedClassCount, into: gradient + index * featureCount, stride: featureCount,
              count: featureCount)
          }
        }
      }
      sliceLosses[slice] = loss
    }
  }

  /// Replaces a row's products by `weight * (probability - target)`, and returns its weighted cross-entropy.
  private func turnIntoResiduals(_ cells: UnsafeMutablePointer<Float>, row: Int, slice: Int) -> Double {
    let weight = set.weights[row]
    let offset = row * classCount
    var largest = -Float.infinity
    for index in 0..<classCount {
      cells[index] += biases[index]
      if !set.offsets.isEmpty { cells[index] += set.offsets[offset + index] }
      largest = max(largest, cells[index])
    }
    var sum: Float = 0
    var targetLogit: Float = 0
    for index in 0..<classCount {
      let target = set.targets[offset + index]
      if target > 0 { targetLogit += target * (cells[index] - largest) }
      cells[index] = exp(cells[index] - largest)
      sum += cells[index]
    }
    for index in 0..<classCount {
      let residual = weight * (cells[index] / sum - set.targets[offset + index])
      cells[index] = residual
      sliceBiasGradients[slice * classCount + index] += Double(residual)
    }
    for index in classCount..<paddedClassCount { cells[index] = 0 }
    return Double(weight) * (log(Double(sum)) - Double(targetLogit))
  }
}
