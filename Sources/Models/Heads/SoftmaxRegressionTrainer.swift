import Diagnostics

/// Fits a softmax regression by full-batch L-BFGS. No chance is involved: the same rows give the same head,
/// bit for bit, whatever the executor and its number of threads.
public struct SoftmaxRegressionTrainer: Sendable {
  /// The strength of the L2 penalty: `l2 / 2` times the sum of squared weights (of scaled features) is added
  /// to the mean cross-entropy of the rows.
  public var l2: Double
  public var scaling: FeatureScaling
  /// Whether each class gets a bias.
  public var fitsBiases = true
  public var maximumIterations = 200
  /// Training ends when an iteration lowers the loss by less than this, relatively.
  public var relativeDecrease = 1e-6
  public var executor = SliceExecutor.serial

  public init(l2: Double, scaling: FeatureScaling, executor: SliceExecutor = .serial) {
    self.l2 = l2
    self.scaling = scaling
    self.executor = executor
  }

  /// A fitted regression, and how the fitting went.
  public struct Fit: Sendable {
    public let regression: SoftmaxRegression
    /// The loss at the end, penalty included.
    public let loss: Double
    public let iterations: Int
    /// Where the next fit on similar rows may start.
    let parameters: [Double]
  }

  /// Fits a regression to the set, or to some of its rows.
  ///
  /// - Parameters:
  ///   - rows: the rows to train on, all where it is nil.
  ///   - start: an earlier fit of the same shape to begin from, which saves iterations.
  /// - Throws: `SibylError` when the scaling is not of the features' width, `l2` is no positive number, or
  ///   there are no rows.
  public func fit(
    _ set: TrainingSet, rows: [Int]? = nil, startingFrom start: Fit? = nil
  ) throws(SibylError) -> Fit {
    let columns = set.features.columnCount
    guard l2.isFinite, l2 > 0 else {
      throw SibylError(.invalidArgument, "the L2 penalty must be a number above 0, not \(l2)")
    }
    guard scaling.shifts.count == columns, scaling.scales.count == columns else {
      throw SibylError(
        .invalidArgument,
        "the scaling is for \(scaling.shifts.count) features, and the rows have \(columns)")
    }
    let selected = rows ?? Array(0..<set.rowCount)
    guard !selected.isEmpty, selected.allSatisfy({ $0 >= 0 && $0 < set.rowCount }),
      set.rowCount <= Int(Int32.max)
    else {
      throw SibylError(.invalidArgument, "training needs at least one row, and only rows that exist")
    }
    let objective = SoftmaxObjective(
      set: set, rows: selected.map { Int32(truncatingIfNeeded: $0) }, scaling: scaling, l2: l2,
      fitsBiases: fitsBiases, executor: executor)
    var optimiser = LimitedMemoryBFGS()
    optimiser.maximumIterations = maximumIterations
    optimiser.relativeDecrease = relativeDecrease
    var beginning = [Double](repeating: 0, count: objective.parameterCount)
    if let start, start.parameters.count == beginning.count { beginning = start.parameters }
    let minimum = optimiser.minimise(from: beginning) { objective.evaluate($0, &$1) }
    let (weights, biases) = objective.unscaled(minimum.point)
    return Fit(
      regression: try SoftmaxRegression(
        classNames: set.classNames, featureCount: columns, weights: weights, biases: biases),
      loss: minimum.value, iterations: minimum.iterations, parameters: minimum.point)
  }

  /// Cross-validates several strengths of the L2 penalty on one split.
  ///
  /// - Parameters:
  ///   - l2Candidates: tried from the strongest to the weakest, each fold's fit starting from its last.
  ///   - strata: one number a row; each fold gets its share of every stratum (of every source, or class).
  /// - Returns: for each candidate, in the order given, the probabilities of every row
  ///   (`rowCount * classCount`), each predicted by a regression that has not seen that row. The rows'
  ///   offsets are not applied: they are known of training rows only.
  public func crossValidate(
    _ set: TrainingSet, l2Candidates: [Double], strata: [Int], foldCount: Int = 5, seed: UInt64 = 1
  ) throws(SibylError) -> [[Float]] {
    let folds = try FoldAssignment(strata: strata, foldCount: foldCount, seed: seed)
    guard strata.count == set.rowCount else {
      throw SibylError(
        .invalidArgument, "cross-validation needs one stratum a row: \(strata.count) for \(set.rowCount) rows"
      )
    }
    var predictions = [[Float]](
      repeating: [Float](repeating: 0, count: set.rowCount * set.classCount), count: l2Candidates.count)
    let order = l2Candidates.indices.sorted { l2Candidates[$0] > l2Candidates[$1] }
    for fold in 0..<foldCount {
      let held = folds.rows(in: fold)
      if held.isEmpty { continue }
      var previous: Fit?
      for candidate in order {
        var trainer = self
        trainer.l2 = l2Candidates[candidate]
        let fit = try trainer.fit(set, rows: folds.rows(outside: fold), startingFrom: previous)
        previous = fit
        for row in held {
          let probabilities = try fit.regression.probabilities(of: Array(set.features[row: row]))
          for (index, probability) in probabilities.enumerated() {
            predictions[candidate][row * set.classCount + index] = probability
          }
        }
      }
    }
    return predictions
  }
}
