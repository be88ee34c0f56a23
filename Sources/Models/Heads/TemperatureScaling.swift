import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One number by which a classifier's logits are divided, so that what it calls 80% probable comes true in 80 of 100
/// cases (Guo et al. 2017: "On Calibration of Modern Neural Networks", section 4.2).
///
/// Labels stay as they are: dividing by a positive number changes no order.
public struct TemperatureScaling: Sendable, Equatable, CustomStringConvertible {
  /// Above 1 the probabilities become more cautious, below 1 bolder.
  public let temperature: Double

  /// What the classifier's probabilities are left as.
  public static let none = TemperatureScaling(temperature: 1)

  /// For a report.
  public var description: String {
    "probabilities calibrated on held-out rows, temperature \((temperature * 1000).rounded() / 1000)"
  }

  /// Far from both ends, so that a classifier that is always right, or never, keeps probabilities between 0 and 1.
  public static let range = 0.05...20.0

  /// A temperature outside of `range` is moved into it.
  public init(temperature: Double) {
    self.temperature =
      temperature > 0 ? min(max(temperature, Self.range.lowerBound), Self.range.upperBound) : 1
  }

  /// The temperature at which rows that a classifier has not seen are least surprising.
  ///
  /// - Parameters:
  ///   - probabilities: `classCount` a row, row after row, as the classifier gave them.
  ///   - labels: the right class of each row.
  ///   - weights: how much each row counts, or empty for all alike.
  /// - Throws: `.invalidArgument` where the counts do not fit together.
  public static func fit(
    probabilities: [Float], classCount: Int, labels: [Int], weights: [Float] = []
  ) throws(SibylError) -> TemperatureScaling {
    guard classCount >= 2, labels.allSatisfy({ $0 >= 0 && $0 < classCount }) else {
      throw SibylError(.invalidArgument, "calibration needs labels from 0 to \(classCount - 1)")
    }
    return try fit(
      logits: probabilities.map { log(max($0, .leastNormalMagnitude)) }, classCount: classCount,
      targets: TrainingSet.oneHot(labels, classCount: classCount), weights: weights)
  }

  /// As above, from logits.
  ///
  /// - Parameters:
  ///   - targets, offsets: as in a `TrainingSet`; a class whose offset is minus infinity is left out of its row.
  public static func fit(
    logits: [Float], classCount: Int, targets: [Float], weights: [Float] = [], offsets: [Float] = []
  ) throws(SibylError) -> TemperatureScaling {
    let rowCount = classCount >= 2 ? logits.count / classCount : 0
    guard rowCount > 0, logits.count == rowCount * classCount, targets.count == logits.count,
      weights.isEmpty || weights.count == rowCount, offsets.isEmpty || offsets.count == logits.count
    else {
      throw SibylError(
        .invalidArgument,
        "calibration needs rows with a logit and a target for each of at least 2 classes: \(logits.count) logits came "
          + "with \(targets.count) targets, \(weights.count) weights and \(offsets.count) offsets for \(classCount) "
          + "classes")
    }
    let rows = (0..<rowCount).compactMap { row in
      Row(
        logits: logits, targets: targets, offsets: offsets, cells: row * classCount..<(row + 1) * classCount,
        weight: weights.isEmpty ? 1 : Double(weights[row]))
    }
    // One more row of which nothing is known keeps few rows that are all right from asking for certainty, much as
    // Platt (1999) has it.
    let share = 1 / Double(rows.count + 1)
    // The loss is convex in the inverse temperature: its slope has one zero. Newton's steps find it, halving the
    // interval where they leave it.
    var low = 1 / range.upperBound
    var high = 1 / range.lowerBound
    var inverse = 1.0
    for _ in 0..<60 {
      var (slope, curvature) = (0.0, 0.0)
      for row in rows { row.add(to: &slope, &curvature, at: inverse, unknown: share) }
      if slope > 0 { high = inverse } else { low = inverse }
      let step = curvature > 0 ? inverse - slope / curvature : .nan
      let next = step > low && step < high ? step : (low + high) / 2
      let isThere = abs(next - inverse) < 1e-6 * inverse
      inverse = next
      if isThere { break }
    }
    return TemperatureScaling(temperature: 1 / inverse)
  }

  /// What a classifier's probabilities become; they sum to 1.
  public func calibrated(_ probabilities: [Float]) -> [Float] {
    guard temperature != 1 else { return probabilities }
    var logits = probabilities.map { log(max($0, .leastNormalMagnitude)) / Float(temperature) }
    Softmax.apply(to: &logits)
    return logits
  }

  /// A head whose logits are divided by the temperature: its softmax is the calibrated one.
  public func calibrated(_ regression: SoftmaxRegression) throws(SibylError) -> SoftmaxRegression {
    guard temperature != 1 else { return regression }
    return try SoftmaxRegression(
      classNames: regression.classNames, featureCount: regression.featureCount,
      weights: regression.weights.map { Float(Double($0) / temperature) },
      biases: regression.biases.map { Float(Double($0) / temperature) })
  }

  /// The classes of one row that are in question.
  private struct Row {
    private var logits: [Double] = []
    private var targets: [Double] = []
    private let weight: Double

    /// Nil for a row that says nothing.
    init?(logits all: [Float], targets known: [Float], offsets: [Float], cells: Range<Int>, weight: Double) {
      guard weight.isFinite, weight > 0 else { return nil }
      self.weight = weight
      for cell in cells where offsets.isEmpty || offsets[cell] > -.infinity {
        guard all[cell].isFinite else { return nil }
        logits.append(Double(all[cell]))
        targets.append(Double(known[cell]))
      }
      guard logits.count >= 2 else { return nil }
    }

    /// Adds the first and second derivative, by the inverse temperature, of the row's cross-entropy.
    func add(to slope: inout Double, _ curvature: inout Double, at inverse: Double, unknown share: Double) {
      let largest = logits.reduce(-Double.infinity) { max($0, $1) }
      var (sum, first, second, target) = (0.0, 0.0, 0.0, 0.0)
      let each = share / Double(logits.count)
      for (logit, known) in zip(logits, targets) {
        let distance = logit - largest
        let power = exp(inverse * distance)
        sum += power
        first += power * distance
        second += power * distance * distance
        target += (known * (1 - share) + each) * distance
      }
      let mean = first / sum
      slope += weight * (mean - target)
      curvature += weight * (second / sum - mean * mean)
    }
  }
}
