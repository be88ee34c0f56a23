import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Trains and measures sentiment heads: pure functions over features, which someone else read and encoded.
public struct SentimentTraining: Sendable {
  public var recipe: SentimentRecipe
  public var executor: SliceExecutor

  public init(recipe: SentimentRecipe = SentimentRecipe(), executor: SliceExecutor = .serial) {
    self.recipe = recipe
    self.executor = executor
  }

  /// A new head and what its training found out.
  public struct Outcome: Sendable {
    public let regression: SoftmaxRegression
    public let l2: Double
    /// By which the head's logits were divided, fitted to the cross-validated probabilities.
    public let temperature: Double
    /// For each strength of the penalty, the weighted mean of the sources' scores under cross-validation.
    public let candidates: [(l2: Double, score: Double, evaluations: [SentimentEvaluation])]
    /// Cross-validated figures of each source, with the chosen penalty: no row was seen by the head that
    /// read it.
    public let evaluations: [SentimentEvaluation]
    /// Iterations of the last fit, on all rows.
    public let iterations: Int

    /// The outcome in lines of text, as the head's file keeps it.
    public var report: String {
      var lines = [
        "softmax regression, L2 \(l2) chosen by cross-validation; \(TemperatureScaling(temperature: temperature)); "
          + "cross-validated:"
      ]
      lines += evaluations.map(\.summary)
      return lines.joined(separator: "\n")
    }
  }

  /// Chooses the L2 penalty by cross-validation and fits a head to all rows.
  public func train(_ set: SentimentTrainingSet) throws(SibylError) -> Outcome {
    guard !recipe.l2Candidates.isEmpty else {
      throw SibylError(.invalidArgument, "training needs at least one L2 penalty to try")
    }
    let training = try recipe.trainingSet(set)
    var trainer = SoftmaxRegressionTrainer(
      l2: recipe.l2Candidates[0],
      scaling: .standardising(set.features, blockWidth: recipe.blockWidth), executor: executor)
    let predictions = try trainer.crossValidate(
      training, l2Candidates: recipe.l2Candidates, strata: strata(of: set), foldCount: recipe.foldCount,
      seed: recipe.seed)
    let evaluations = predictions.map { evaluate(probabilities: $0, of: set) }
    let scores = evaluations.map(score)
    let top = scores.reduce(-Double.infinity) { max($0, $1) }
    let tied = scores.indices.filter { scores[$0] >= top - recipe.tieTolerance }
    let best = tied.min { recipe.l2Candidates[$0] < recipe.l2Candidates[$1] } ?? 0
    trainer.l2 = recipe.l2Candidates[best]
    let fit = try trainer.fit(training)
    let scaling = try TemperatureScaling.fit(
      logits: predictions[best].map { log(max($0, .leastNormalMagnitude)) }, classCount: training.classCount,
      targets: training.targets, weights: training.weights, offsets: training.offsets)
    return Outcome(
      regression: try scaling.calibrated(fit.regression), l2: trainer.l2, temperature: scaling.temperature,
      candidates: scores.indices.map {
        (l2: recipe.l2Candidates[$0], score: scores[$0], evaluations: evaluations[$0])
      },
      evaluations: evaluations[best], iterations: fit.iterations)
  }

  /// One number a row, by its source and its mood, for splits that take a share of each.
  public func strata(of set: SentimentTrainingSet) -> [Int] {
    set.sources.enumerated().flatMap { index, source in
      set.annotations[source.rows].map { index * 3 + recipe.label($0).rawValue }
    }
  }

  /// Measures a head on rows that it was not trained on, source by source.
  public func evaluate(
    _ regression: SoftmaxRegression, on set: SentimentTrainingSet
  ) throws(SibylError) -> [SentimentEvaluation] {
    guard regression.classCount == SentimentLabel.allCases.count else {
      throw SibylError(
        .invalidArgument, "a sentiment head has 3 classes, and this one has \(regression.classCount)")
    }
    return evaluate(probabilities: try regression.probabilities(of: set.features), of: set)
  }

  /// One figure for a candidate: the mean of the sources' scores, each counting as much as it does in the
  /// loss.
  private func score(_ evaluations: [SentimentEvaluation]) -> Double {
    let weights = evaluations.map { recipe.sourceWeights[$0.source] ?? 1 }
    let sum = zip(evaluations, weights).reduce(0) { $0 + $1.0.score * $1.1 }
    return sum / max(weights.reduce(0, +), .leastNormalMagnitude)
  }

  private func evaluate(probabilities: [Float], of set: SentimentTrainingSet) -> [SentimentEvaluation] {
    set.sources.map { source in
      SentimentEvaluation(
        source: source.name, annotations: set.annotations[source.rows],
        probabilities: probabilities[source.rows.lowerBound * 3..<source.rows.upperBound * 3], recipe: recipe)
    }
  }
}
