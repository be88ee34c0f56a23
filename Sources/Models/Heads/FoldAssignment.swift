import Diagnostics

/// Which fold of a cross-validation each row is held out in. A function of the strata and the seed alone.
public struct FoldAssignment: Sendable, Equatable {
  /// One fold number a row.
  public let folds: [Int]
  public let foldCount: Int

  /// Deals the rows of each stratum, shuffled, to the folds in turn.
  ///
  /// - Throws: `SibylError` when there are fewer than 2 folds or fewer rows than folds.
  public init(strata: [Int], foldCount: Int, seed: UInt64) throws(SibylError) {
    guard foldCount >= 2, strata.count >= foldCount else {
      throw SibylError(
        .invalidArgument,
        "cross-validation needs at least 2 folds and a row for each: "
          + "\(foldCount) folds and \(strata.count) rows came")
    }
    var generator = SplitMix64(seed: seed)
    var folds = [Int](repeating: 0, count: strata.count)
    // Dealing goes on across strata, so that many small strata do not all fill the first fold.
    var next = 0
    let byStratum = Dictionary(grouping: strata.indices) { strata[$0] }
    for stratum in byStratum.keys.sorted() {
      var rows = byStratum[stratum] ?? []
      for position in stride(from: rows.count - 1, to: 0, by: -1) {
        rows.swapAt(position, generator.next(below: position + 1))
      }
      for row in rows {
        folds[row] = next
        next = (next + 1) % foldCount
      }
    }
    self.folds = folds
    self.foldCount = foldCount
  }

  public func rows(in fold: Int) -> [Int] { folds.indices.filter { folds[$0] == fold } }

  public func rows(outside fold: Int) -> [Int] { folds.indices.filter { folds[$0] != fold } }
}
