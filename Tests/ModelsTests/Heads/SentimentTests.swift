import Diagnostics
import Models
import Testing

@Suite struct SentimentTests {
  @Test func labelsAndScoresFollowTheProbabilities() {
    typealias Reading = SentimentProbabilities
    #expect(Reading(negative: 0.7, neutral: 0.2, positive: 0.1).label == .negative)
    #expect(Reading(negative: 0.1, neutral: 0.2, positive: 0.7).label == .positive)
    #expect(Reading(negative: 0.4, neutral: 0.2, positive: 0.4).label == .negative)
    #expect(Reading(negative: 0.3, neutral: 0.4, positive: 0.3).label == .neutral)
    #expect(abs(Reading(negative: 0.1, neutral: 0.2, positive: 0.7).score - 0.6) < 1e-6)
    #expect(SentimentLabel.allCases.map(\.description) == ["negative", "neutral", "positive"])
    #expect(Reading([0.1, 0.2, 0.7])?.label == .positive && Reading([0.5, 0.5]) == nil)
    #expect(SentimentLabel("neutral") == .neutral && SentimentLabel("Neutral") == nil)
  }

  /// Made-up moods: the first feature says how positive a text is, the second source has no neutral texts.
  private func madeUpSet(seed: UInt64) throws -> SentimentTrainingSet {
    var generator = HeadTestGenerator(seed: seed)
    var set = SentimentTrainingSet(featureCount: 12)
    for (name, step) in [("reviews", 1), ("films", 2), ("rated", 1)] {
      var features = FeatureMatrix(columnCount: 12)
      var annotations: [SentimentTrainingSet.Annotation] = []
      for row in stride(from: 0, to: 600, by: step) {
        let mood = step == 2 ? row / 2 % 2 * 2 : row % 3
        let signal = Float(mood - 1) + 0.4 * generator.float()
        try features.append([signal, signal * signal] + (0..<10).map { _ in 0.5 * generator.float() })
        let label: SentimentTrainingSet.Annotation =
          SentimentLabel(rawValue: mood).map { .label($0) } ?? .score(0)
        annotations.append(name == "rated" ? .score(Double(signal) * 2) : label)
      }
      try set.append(source: name, features: features, annotations: annotations)
    }
    return set
  }

  @Test func trainingLearnsAndIsRepeatable() throws {
    let set = try madeUpSet(seed: 1)
    var recipe = SentimentRecipe()
    recipe.blockWidth = 12
    let training = SentimentTraining(recipe: recipe)
    let outcome = try training.train(set)
    #expect(try training.train(set).regression == outcome.regression)
    #expect(outcome.candidates.map(\.l2) == recipe.l2Candidates)
    #expect(outcome.candidates.contains { $0.l2 == outcome.l2 })
    let top = outcome.candidates.map(\.score).max() ?? 0
    let tied = outcome.candidates.filter { $0.score >= top - recipe.tieTolerance }
    #expect(outcome.l2 == tied.map(\.l2).min())
    #expect(outcome.evaluations.map(\.source) == ["reviews", "films", "rated"])
    #expect(outcome.evaluations[1].macroRecall == nil && outcome.evaluations[0].macroRecall != nil)
    for evaluation in try training.evaluate(outcome.regression, on: madeUpSet(seed: 2)) {
      #expect(evaluation.polarityAccuracy > 0.97)
      #expect(evaluation.score > 0.9)
    }
    #expect(outcome.report.contains("films: 300 rows, positive against negative"))

    let file = HeadFile(regression: outcome.regression, encoder: "made up", recipe: outcome.report)
    let head = try HeadFile(bytes: file.bytes()).regression
    func read(_ signal: [Float]) throws -> SentimentProbabilities {
      try #require(
        SentimentProbabilities(head.probabilities(of: signal + [Float](repeating: 0, count: 10))))
    }
    #expect(try read([-1, 1]).label == .negative)
    #expect(try read([0, 0]).label == .neutral)
    #expect(try read([1, 1]).label == .positive)
    #expect(try read([1, 1]).score > 0.5)
    for evaluation in outcome.evaluations { #expect(evaluation.calibrationError < 0.05) }
  }

  @Test func theRecipeWeighsSourcesAndExcludesNeutralWhereNobodyCouldSayIt() throws {
    var recipe = SentimentRecipe()
    recipe.sourceWeights = ["films": 3]
    let set = try madeUpSet(seed: 1)
    let training = try recipe.trainingSet(set)
    for (source, weight) in zip(set.sources, [1, 3, 1] as [Float]) {
      let total = training.weights[source.rows].reduce(0, +)
      #expect(abs(total / Float(source.rows.count) - weight) < 0.02)
      for row in source.rows {
        #expect((training.offsets[row * 3 + 1] == -.infinity) == (source.name == "films"))
      }
    }
    // Classes of a source count alike, although one comes more often.
    var lopsided = SentimentTrainingSet(featureCount: 1)
    try lopsided.append(
      source: "x", features: FeatureMatrix(columnCount: 1, values: [1, 2, 3, 4]),
      annotations: [.label(.positive), .label(.positive), .label(.positive), .label(.neutral)])
    let weights = try recipe.trainingSet(lopsided).weights
    #expect(abs(weights.prefix(3).reduce(0, +) - weights[3]) < 1e-5)
  }

  @Test func scoresBecomeSoftTargets() throws {
    var set = SentimentTrainingSet(featureCount: 1)
    let scores = [-4, -0.8, 0, 0.8, 4]
    try set.append(
      source: "x", features: FeatureMatrix(columnCount: 1, values: [1, 2, 3, 4, 5]),
      annotations: scores.map { .score($0) })
    let targets = try SentimentRecipe().trainingSet(set).targets
    #expect(targets[0] > 0.999 && targets[7] > 0.95 && targets[14] > 0.999)
    #expect(abs(targets[3] - 0.5) < 1e-3 && abs(targets[11] - 0.5) < 1e-3)
  }

  @Test func badSetsAreRefused() throws {
    var set = SentimentTrainingSet(featureCount: 1)
    let row = try FeatureMatrix(columnCount: 1, values: [1])
    #expect(throws: SibylError.self) { try set.append(source: "x", features: row, annotations: []) }
    #expect(throws: SibylError.self) {
      try set.append(source: "x", features: row, annotations: [.score(.nan)])
    }
    #expect(throws: SibylError.self) { try set.append(source: "x", features: row, annotations: [.score(5)]) }
    #expect(throws: SibylError.self) { try SentimentTraining().train(set) }
    try set.append(source: "x", features: row, annotations: [.score(1)])
    #expect(throws: SibylError.self) { try set.append(source: "x", features: row, annotations: [.score(1)]) }
    #expect(throws: SibylError.self) { try SentimentTraining().train(set) }
  }
}
