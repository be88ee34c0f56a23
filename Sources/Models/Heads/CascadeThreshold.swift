#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// From which confidence on a small classifier may answer in a large one's place.
public struct CascadeThreshold: Sendable, Equatable {
  /// Above 1 where the small one may answer nothing.
  public let threshold: Float
  /// Rows that chance has chosen, from which agreement is measured.
  public let sampleCount: Int
  /// Those among them at or above the threshold.
  public let keptCount: Int
  /// Those among them about which the two disagree.
  public let disagreementCount: Int

  /// The lowest threshold at which no more than a share of other rows is likely to be answered otherwise than by the
  /// large one.
  ///
  /// How likely that is at a confidence is told by a logistic regression on the sample (Platt 1999, "Probabilistic
  /// Outputs for Support Vector Machines"), and summed over the other rows: counting the sample's few disagreements
  /// above each threshold instead sent 50% of 2,000 news on average, but up to 72% by bad luck; this way up to 62%.
  ///
  /// - Parameters:
  ///   - confidences: the small one's for each row that the large one has answered; it has not learnt from that row.
  ///   - agrees: whether the large one says the same.
  ///   - sampleCount: how many of these rows, from the first on, chance has chosen. The others may have been chosen for
  ///     their confidence: that changes nothing about how likely agreement is at a confidence.
  ///   - others: the small one's confidences for rows that are to be answered.
  ///   - allowedShare: of those rows.
  public init(confidences: [Float], agrees: [Bool], sampleCount: Int, others: [Float], allowedShare: Double) {
    let curve = LogisticCurve(confidences.map(Self.logit), agrees)
    let allowed = allowedShare * Double(others.count)
    var threshold: Float = 2
    var expected = 0.0
    let order = others.sorted(by: >)
    for (place, confidence) in order.enumerated() {
      expected += 1 - curve.probability(at: Self.logit(confidence))
      guard expected <= allowed else { break }
      // Rows of one confidence stay together.
      if place + 1 == order.count || order[place + 1] < confidence { threshold = confidence }
    }
    self.threshold = threshold
    self.sampleCount = min(max(sampleCount, 0), confidences.count)
    let sample = zip(confidences, agrees).prefix(self.sampleCount)
    keptCount = sample.count { $0.0 >= threshold }
    disagreementCount = sample.count { $0.0 >= threshold && !$0.1 }
  }

  private static func logit(_ confidence: Float) -> Double {
    let bounded = min(max(Double(confidence), 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))
  }

  /// The share of rows on which the two disagree and the small one answers: an estimate with its 95% interval (Wilson
  /// 1927: "Probable Inference, the Law of Succession, and Statistical Inference").
  public var disagreement: (share: Double, low: Double, high: Double) {
    guard sampleCount > 0 else { return (0, 0, 1) }
    let count = Double(sampleCount)
    let share = Double(disagreementCount) / count
    let z = 1.959964
    let centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    let width =
      z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    return (share, max(0, centre - width), min(1, centre + width))
  }
}

/// The probability that something is true along one quantity: `1 / (1 + exp(-a - b x))`.
private struct LogisticCurve {
  private var offset = 0.0
  private var slope = 0.0

  /// Newton's method; the slope is held back a little, so that a sample without a fault has a solution too.
  init(_ positions: [Double], _ isTrue: [Bool]) {
    let penalty = 0.02
    for _ in 0..<50 {
      var gradient = (0.0, penalty * slope)
      var curvature = (1e-9, 0.0, penalty + 1e-9)
      for (position, isTrue) in zip(positions, isTrue) {
        let chance = probability(at: position)
        let error = chance - (isTrue ? 1 : 0)
        gradient.0 += error
        gradient.1 += error * position
        let weight = max(chance * (1 - chance), 1e-6)
        curvature.0 += weight
        curvature.1 += weight * position
        curvature.2 += weight * position * position
      }
      let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1
      guard determinant > 0 else { return }
      let step = (
        (gradient.0 * curvature.2 - gradient.1 * curvature.1) / determinant,
        (gradient.1 * curvature.0 - gradient.0 * curvature.1) / determinant
      )
      // No step further than where the curve would be flat.
      offset -= min(max(step.0, -5), 5)
      slope -= min(max(step.1, -5), 5)
      if abs(step.0) + abs(step.1) < 1e-9 { return }
    }
  }

  func probability(at position: Double) -> Double { 1 / (1 + exp(-offset - slope * position)) }
}
