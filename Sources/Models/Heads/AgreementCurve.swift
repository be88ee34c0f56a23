#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How probable it is that a small classifier says what a large one does, at each confidence that the small one claims:
/// `1 / (1 + exp(-a - b x))` of the claim's log odds `x` (Platt 1999, "Probabilistic Outputs for Support Vector
/// Machines").
///
/// A claim that was calibrated before is believed (`a = 0`, `b = 1`) as far as the rows do not say otherwise: a curve
/// that follows the rows alone makes twice as much of chance.
public struct AgreementCurve: Sendable, Equatable {
  /// As if so many rows' worth of evidence stood for `a = 0` and `b = 1`.
  private static let belief = (offset: 100.0, slope: 300.0)
  /// What is believed of them where the question is how wrong the curve can be: no more than that they are of that
  /// order.
  private static let doubt = (offset: 0.25, slope: 1.0)

  private var offset = 0.0
  private var slope = 1.0
  /// The symmetric covariance of both: of the offset, between them, of the slope.
  private var covariance = (offset: 0.0, both: 0.0, slope: 0.0)

  public static func == (a: AgreementCurve, b: AgreementCurve) -> Bool {
    a.offset == b.offset && a.slope == b.slope && a.covariance == b.covariance
  }

  /// - Parameters:
  ///   - confidences: the small one's for each row that the large one has answered; it has not learnt from that row.
  ///   - agrees: whether the large one says the same. The rows may have been chosen for their confidence: that changes
  ///     nothing about how likely agreement is at a confidence.
  public init(confidences: [Float], agrees: [Bool]) {
    let odds = confidences.map(Self.logOdds)
    // Newton's method.
    for _ in 0..<50 {
      var gradient = (Self.belief.offset * offset, Self.belief.slope * (slope - 1))
      for (odds, agrees) in zip(odds, agrees) {
        let error = probability(atLogOdds: odds) - (agrees ? 1 : 0)
        gradient.0 += error
        gradient.1 += error * odds
      }
      let inverse = inverseCurvature(odds, Self.belief)
      let step = (
        inverse.offset * gradient.0 + inverse.both * gradient.1,
        inverse.both * gradient.0 + inverse.slope * gradient.1
      )
      // No step further than where the curve would be flat.
      offset -= min(max(step.0, -5), 5)
      slope -= min(max(step.1, -5), 5)
      if abs(step.0) + abs(step.1) < 1e-9 { break }
    }
    covariance = inverseCurvature(odds, Self.doubt)
  }

  /// The probability of agreement.
  public func probability(at confidence: Float) -> Double {
    probability(atLogOdds: Self.logOdds(confidence))
  }

  /// How many disagreements are to be expected among rows, and the variance of their number: that of chance, and
  /// that of not knowing the curve.
  ///
  /// - Parameter rows: the small one's confidences, and how many rows each stands for.
  public func disagreements(
    among rows: some Sequence<(confidence: Float, count: Double)>
  ) -> (expected: Double, variance: Double) {
    var (expected, chance) = (0.0, 0.0)
    var gradient = (0.0, 0.0)
    for (confidence, count) in rows {
      let odds = Self.logOdds(confidence)
      let agreement = probability(atLogOdds: odds)
      let weight = count * agreement * (1 - agreement)
      expected += count * (1 - agreement)
      chance += weight
      gradient.0 += weight
      gradient.1 += weight * odds
    }
    let curve =
      gradient.0 * gradient.0 * covariance.offset + 2 * gradient.0 * gradient.1 * covariance.both
      + gradient.1 * gradient.1 * covariance.slope
    return (expected, chance + max(curve, 0))
  }

  private func probability(atLogOdds odds: Double) -> Double { 1 / (1 + exp(-offset - slope * odds)) }

  private func inverseCurvature(
    _ odds: [Double], _ belief: (offset: Double, slope: Double)
  ) -> (offset: Double, both: Double, slope: Double) {
    var curvature = (belief.offset, 0.0, belief.slope)
    for odds in odds {
      let chance = probability(atLogOdds: odds)
      let weight = chance * (1 - chance)
      curvature.0 += weight
      curvature.1 += weight * odds
      curvature.2 += weight * odds * odds
    }
    let determinant = max(curvature.0 * curvature.2 - curvature.1 * curvature.1, belief.offset * belief.slope)
    return (curvature.2 / determinant, -curvature.1 / determinant, curvature.0 / determinant)
  }

  private static func logOdds(_ confidence: Float) -> Double {
    let bounded = min(max(Double(confidence), 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))
  }
}
