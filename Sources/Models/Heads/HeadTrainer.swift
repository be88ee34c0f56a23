import Diagnostics
import Tensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Fits a softmax regression to labelled rows, chooses the strength of its L2 penalty, and says by cross-validation how
/// well it will do on rows that it has not seen.
///
/// No chance is involved: the same rows in the same folds give the same head, bit for bit.
public struct HeadTrainer: Sendable {
  /// Strengths of the penalty to choose from: `l2 / 2` times the sum of squared weights (of standardised features) is
  /// added to the mean cross-entropy.
  public var l2Candidates = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
  /// The width of one layer's pool, which is scaled as one.
  public var blockWidth: Int
  public var executor = SliceExecutor.serial
  /// Trying out penalties ends when an iteration lowers the loss by less than this, relatively; the last fit takes a
  /// tenth of it.
  public var relativeDecrease = 1e-4

  public init(blockWidth: Int) { self.blockWidth = blockWidth }

  /// A fitted head and what its training found out.
  public struct Outcome: Sendable {
    /// For features as the encoder gives them.
    public let regression: SoftmaxRegression
    public let l2: Double
    /// For each row the class that a head predicted which has not seen the row's fold.
    public let predictions: [Int]
    /// The mean over the rows of minus the logarithm of the probability that such a head gave the right class.
    public let logLoss: Double
    /// Evaluations of the loss in all fits together.
    public let evaluations: Int
  }

  /// What a fold's head says about the fold's rows.
  private struct Held {
    var predictions: [Int]
    /// The sum over the fold's rows.
    var logLoss: Double
    var parameters: [Double]
  }

  /// - Parameter isCancelled: asked between evaluations of the loss, each of which takes milliseconds.
  /// - Throws: `.cancelled`; `SibylError` where there is no penalty to try.
  public func train(
    _ given: consuming HeadTrainingSet, isCancelled: () -> Bool = { false }
  ) throws(SibylError) -> Outcome {
    guard !l2Candidates.isEmpty, l2Candidates.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw SibylError(.invalidArgument, "training needs at least one L2 penalty above 0 to try")
    }
    var set = consume given
    var evaluations = 0
    let scaling = FeatureScaling.standardising(set.features, blockWidth: blockWidth)
    set.scale(by: scaling)

    // The penalties are compared from the strongest to the weakest, each fit starting from the one before, until they
    // get worse. Where that takes long, it is done on the first fold alone: many rows or classes make it a good judge.
    let judges = foldsForChoosing(in: set)
    var best: (l2: Double, logLoss: Double, held: [Held])?
    var starts = [[Double]?](repeating: nil, count: judges)
    for l2 in l2Candidates.sorted(by: >) {
      var held: [Held] = []
      for fold in 0..<judges {
        let one = try hold(
          out: fold, of: set, l2: l2, startingFrom: starts[fold], &evaluations, isCancelled: isCancelled)
        starts[fold] = one.parameters
        held.append(one)
      }
      let logLoss = held.reduce(0) { $0 + $1.logLoss }
      if let best, logLoss >= best.logLoss { break }
      best = (l2, logLoss, held)
    }
    guard let best, let first = best.held.first else {
      throw SibylError(.internalFault, "no penalty was tried")
    }

    var predictions = best.held.flatMap(\.predictions)
    var logLoss = best.logLoss
    for fold in judges..<set.folds.count {
      let held = try hold(
        out: fold, of: set, l2: best.l2, startingFrom: nil, &evaluations, isCancelled: isCancelled)
      predictions += held.predictions
      logLoss += held.logLoss
    }

    let objective = HeadObjective(set, rows: [0..<set.rowCount], l2: best.l2, executor: executor)
    let parameters = try minimise(
      objective, from: first.parameters, relativeDecrease: relativeDecrease / 10, &evaluations,
      isCancelled: isCancelled)
    return Outcome(
      regression: try Self.unscaled(parameters, scaling, set), l2: best.l2, predictions: predictions,
      logLoss: logLoss / set.weights.reduce(0) { $0 + Double($1) }, evaluations: evaluations)
  }

  /// Fits a head to all folds but one, and asks it about that one.
  private func hold(
    out fold: Int, of set: HeadTrainingSet, l2: Double, startingFrom start: [Double]?,
    _ evaluations: inout Int, isCancelled: () -> Bool
  ) throws(SibylError) -> Held {
    let range = set.folds[fold]
    let rows = [0..<range.lowerBound, range.upperBound..<set.rowCount].filter { !$0.isEmpty }
    let objective = HeadObjective(set, rows: rows, l2: l2, executor: executor)
    let parameters = try minimise(
      objective, from: start, relativeDecrease: relativeDecrease, &evaluations, isCancelled: isCancelled)
    let probabilities = objective.probabilities(of: range, at: parameters)
    if objective.status != 0 { throw DenseProduct.fault(objective.status) }
    var predictions: [Int] = []
    var loss = 0.0
    for (position, row) in range.enumerated() {
      let first = position * set.classCount
      let cells = probabilities[first..<first + set.classCount]
      var largest = first
      for cell in cells.indices where cells[cell] > cells[largest] { largest = cell }
      predictions.append(largest - first)
      loss -= Double(set.weights[row]) * log(max(Double(cells[first + set.labels[row]]), 1e-12))
    }
    return Held(predictions: predictions, logLoss: loss, parameters: parameters)
  }

  private func minimise(
    _ objective: HeadObjective, from start: [Double]?, relativeDecrease: Double, _ evaluations: inout Int,
    isCancelled: () -> Bool
  ) throws(SibylError) -> [Double] {
    var optimiser = LimitedMemoryBFGS()
    optimiser.relativeDecrease = relativeDecrease
    // Each pair takes two copies of all weights.
    if objective.parameterCount > 500_000 { optimiser.historyCount = 5 }
    let beginning = start ?? [Double](repeating: 0, count: objective.parameterCount)
    var count = 0
    let minimum = optimiser.minimise(
      from: beginning,
      { point, gradient in
        count += 1
        return objective.evaluate(point, &gradient)
      }, shouldStop: isCancelled)
    evaluations += count
    if isCancelled() { throw SibylError(.cancelled, "the query was cancelled") }
    if objective.status != 0 { throw DenseProduct.fault(objective.status) }
    return minimum.point
  }

  /// How many folds compare the penalties: all, unless that would take more than a few seconds.
  private func foldsForChoosing(in set: HeadTrainingSet) -> Int {
    let parameters = Double(set.classCount) * Double(set.features.columnCount)
    // An evaluation's time is that of the products and of the optimiser, whose vectors are as long as 1,000 rows.
    let work = parameters * (Double(set.rowCount) + 1_000)
    return work * Double(set.folds.count) <= Self.workForChoosing ? set.folds.count : 1
  }

  private static let workForChoosing = 5e8

  /// The head for features that are not standardised.
  private static func unscaled(
    _ parameters: [Double], _ scaling: FeatureScaling, _ set: HeadTrainingSet
  ) throws(SibylError) -> SoftmaxRegression {
    let featureCount = set.features.columnCount
    var weights: [Float] = []
    weights.reserveCapacity(set.classCount * featureCount)
    var biases: [Float] = []
    for index in 0..<set.classCount {
      var bias = parameters[set.classCount * featureCount + index]
      for column in 0..<featureCount {
        let weight = parameters[index * featureCount + column] * Double(scaling.scales[column])
        weights.append(Float(weight))
        bias -= weight * Double(scaling.shifts[column])
      }
      biases.append(Float(bias))
    }
    return try SoftmaxRegression(
      classNames: set.classNames, featureCount: featureCount, weights: weights, biases: biases)
  }
}
