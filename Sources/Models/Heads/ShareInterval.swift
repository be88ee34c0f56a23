/// A share of rows with its 95% interval (Wilson 1927, "Probable Inference, the Law of Succession, and Statistical
/// Inference").
public struct ShareInterval: Sendable, Hashable {
  public let share: Double
  public let low: Double
  public let high: Double

  public init(share: Double, low: Double, high: Double) {
    self.share = share
    self.low = low
    self.high = high
  }

  /// - Parameters:
  ///   - successes: rows of which it is true.
  ///   - count: rows that were looked at; of none nothing is known.
  public init(successes: Int, of count: Int) {
    self.init(share: count > 0 ? Double(successes) / Double(count) : 0, knownAsFrom: Double(count))
  }

  /// - Parameters:
  ///   - share: as it was estimated.
  ///   - count: as many rows, each counted, would tell it as surely.
  public init(share: Double, knownAsFrom count: Double) {
    guard count > 0, share.isFinite, count.isFinite else {
      self.init(share: share.isFinite ? share : 0, low: 0, high: 1)
      return
    }
    let z = 1.959964
    let centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    let width =
      z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    self.init(share: share, low: max(0, centre - width), high: min(1, centre + width))
  }
}
