/// From which confidence on a small classifier may answer in a large one's place.
public struct CascadeThreshold: Sendable, Equatable {
  /// Rows that are kept because the small classifier looks sure of them look surer than they are. Measured with
  /// SmolLM2-135M in shuffles of AG News, SST-2 and tweets: without this, 0.2 to 0.4% too few answers agreed.
  private static let selection = 1.06

  /// Above 1 where the small one may answer nothing.
  public let threshold: Float
  /// How many rows it is expected to answer.
  public let keptCount: Double
  /// The share of these that it answers otherwise than the large one would, as expected, and the 95% interval.
  public let disagreement: ShareInterval

  /// The lowest threshold at which no more than a share of all rows is likely to be answered otherwise than by the
  /// large one.
  ///
  /// - Parameters:
  ///   - curve: how likely agreement is at a confidence.
  ///   - others: the small one's confidences for rows that are to be answered.
  ///   - known: those for rows that the large one has answered, which therefore agree; the small one has not learnt
  ///     from the row.
  ///   - unseenCount: how many rows there are beside these, of the same kind as both together.
  ///   - allowedShare: of all rows.
  public init(
    curve: AgreementCurve, others: [Float], known: [Float], unseenCount: Int, allowedShare: Double
  ) {
    let seenCount = others.count + known.count
    let unseen = Double(max(unseenCount, 0)) / Double(max(seenCount, 1))
    var rows = others.map { (confidence: $0, count: 1 + unseen) }
    if unseen > 0 { rows += known.map { (confidence: $0, count: unseen) } }
    rows.sort { $0.confidence > $1.confidence }

    let allowed = allowedShare * Double(seenCount + max(unseenCount, 0))
    var threshold: Float = 2
    var expected = 0.0
    var kept = 0
    for (place, row) in rows.enumerated() {
      expected += Self.selection * row.count * (1 - curve.probability(at: row.confidence))
      guard expected <= allowed else { break }
      // Rows of one confidence stay together.
      if place + 1 == rows.count || rows[place + 1].confidence < row.confidence {
        threshold = row.confidence
        kept = place + 1
      }
    }
    self.threshold = threshold
    keptCount = rows[..<kept].reduce(0) { $0 + $1.count }
    guard keptCount > 0 else {
      disagreement = ShareInterval(share: 0, low: 0, high: 1)
      return
    }
    let disagreements = curve.disagreements(among: rows[..<kept])
    let share = min(1, Self.selection * disagreements.expected / keptCount)
    // As many rows as would, counted, leave the same variance.
    disagreement = ShareInterval(
      share: share, knownAsFrom: share * (1 - share) * keptCount * keptCount / disagreements.variance)
  }
}
