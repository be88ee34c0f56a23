import Diagnostics
import Models
import Testing
import Threads

@Suite struct HeadTrainerTests {
  /// Rows around one centre a class, dealt to folds as `ai_train` deals them.
  private func set(
    rows: Int, classes: Int, spread: Float = 1.5, folds: Int = 5, weight: (Int) -> Float = { _ in 1 },
    seed: UInt64 = 11
  ) throws -> HeadTrainingSet {
    let (features, labels) = try clusteredRows(rows: rows, classes: classes, spread: spread, seed: seed)
    let assignment = try FoldAssignment(strata: labels, foldCount: folds, seed: 1)
    let order = (0..<folds).map { assignment.rows(in: $0) }
    var moved = FeatureMatrix(columnCount: features.columnCount)
    for row in order.flatMap({ $0 }) { try moved.append(features[row: row]) }
    return try HeadTrainingSet(
      classNames: (0..<classes).map { "class \($0)" }, features: moved,
      labels: order.flatMap { $0 }.map { labels[$0] }, weights: order.flatMap { $0 }.map(weight),
      foldSizes: order.map(\.count))
  }

  /// The other trainer, which shares neither the loss nor its products with this one, must end at the same minimum.
  @Test func agreesWithTheOtherTrainer() throws {
    let set = try set(rows: 700, classes: 5, weight: { $0.isMultiple(of: 3) ? 2 : 1 })
    var trainer = HeadTrainer(blockWidth: 37)
    trainer.l2Candidates = [0.02]
    trainer.relativeDecrease = 1e-9
    let outcome = try trainer.train(set)
    var other = SoftmaxRegressionTrainer(
      l2: 0.02, scaling: .standardising(set.features, blockWidth: 37))
    other.relativeDecrease = 1e-10
    var targets = [Float](repeating: 0, count: set.rowCount * 5)
    for (row, label) in set.labels.enumerated() { targets[row * 5 + label] = 1 }
    let expected = try TemperatureScaling(temperature: outcome.temperature).calibrated(
      other.fit(
        TrainingSet(
          features: set.features, classNames: set.classNames, targets: targets, weights: set.weights)
      ).regression)
    for row in stride(from: 0, to: set.rowCount, by: 7) {
      let features = Array(set.features[row: row])
      let (a, b) = try (
        outcome.regression.probabilities(of: features), expected.probabilities(of: features)
      )
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 2e-3 }, "row \(row)")
    }
  }

  @Test func theSameRowsGiveTheSameBitsWhateverTheCores() throws {
    let set = try set(rows: 3_000, classes: 7)
    var trainer = HeadTrainer(blockWidth: 37)
    let first = try trainer.train(set)
    // Three threads that take slices in whatever order they come to them.
    trainer.executor = SliceExecutor { count, body in
      let next = Guarded(0)
      let done = Monitor(0)
      for _ in 0..<3 {
        let isStarted = WorkerThread.start {
          while true {
            let slice = next.withLock { next in
              defer { next += 1 }
              return next
            }
            guard slice < count else { break }
            body(slice)
          }
          done.signal { $0 += 1 }
        }
        if !isStarted { done.signal { $0 += 1 } }
      }
      _ = done.wait { $0 == 3 ? true : nil }
      while next.withLock({ $0 < count }) {
        body(
          next.withLock { n in
            defer { n += 1 }; return n
          })
      }
    }
    let second = try trainer.train(set)
    #expect(first.regression == second.regression)
    #expect(first.predictions == second.predictions && first.logLoss == second.logLoss)
    #expect(first.l2 == second.l2)
  }

  @Test func crossValidationTellsWhatNewRowsWillFind() throws {
    let outcome = try HeadTrainer(blockWidth: 37).train(set(rows: 1_500, classes: 6))
    let set = try set(rows: 1_500, classes: 6)
    let right = zip(set.labels, outcome.predictions).count { $0 == $1 }
    let accuracy = Double(right) / Double(set.rowCount)
    // The centres come first from the generator, so another number of rows gives new ones around the same centres.
    let (features, labels) = try clusteredRows(rows: 6_000, classes: 6, spread: 1.5)
    var fresh = FeatureMatrix(columnCount: 37)
    for row in 1_500..<6_000 { try fresh.append(features[row: row]) }
    let found = try headAccuracy(outcome.regression, fresh, Array(labels[1_500...]))
    #expect(accuracy > 0.3 && accuracy < 0.98)
    #expect(abs(found - accuracy) < 0.04, "\(found) on new rows, \(accuracy) cross-validated")

    // What is called 80% probable is right in 80 of 100 new rows.
    var bins = CalibrationBins()
    for (row, label) in zip(0..<fresh.rowCount, labels[1_500...]) {
      let probabilities = try outcome.regression.probabilities(of: Array(fresh[row: row]))
      let highest = probabilities.max() ?? 0
      bins.add(Double(highest), isRight: probabilities.firstIndex(of: highest) == label)
    }
    #expect(bins.error() < 0.04, "temperature \(outcome.temperature)")
  }

  /// Labels that have nothing to do with the rows: a figure above chance would be made of rows that were seen.
  @Test func crossValidationDoesNotSeeTheRowsItPredicts() throws {
    var generator = HeadTestGenerator(seed: 3)
    var features = FeatureMatrix(columnCount: 37)
    for _ in 0..<600 { try features.append((0..<37).map { _ in generator.float() }) }
    let labels = (0..<600).map { _ in Int.random(in: 0..<4, using: &generator) }
    let outcome = try HeadTrainer(blockWidth: 37).train(
      HeadTrainingSet(
        classNames: ["a", "b", "c", "d"], features: features, labels: labels,
        weights: [Float](repeating: 1, count: 600), foldSizes: [120, 120, 120, 120, 120]))
    let right = zip(labels, outcome.predictions).count { $0 == $1 }
    #expect((90...210).contains(right), "\(right) of 600 right by chance")
    // The strongest penalty is the best where there is nothing to learn.
    #expect(outcome.l2 == HeadTrainer(blockWidth: 37).l2Candidates.max())
  }

  /// Two layers, of which one says nothing: the weighting that makes less of that one is chosen.
  @Test(arguments: [true, false]) func layersCountByWhatTheySay(lastIsNoise: Bool) throws {
    let (told, labels) = try clusteredRows(rows: 600, classes: 4, spread: 0.6)
    var generator = HeadTestGenerator(seed: 5)
    var features = FeatureMatrix(columnCount: 74)
    for row in 0..<600 {
      let noise = (0..<37).map { _ in 3 * generator.float() }
      let layers = lastIsNoise ? Array(told[row: row]) + noise : noise + Array(told[row: row])
      try features.append(layers)
    }
    let outcome = try HeadTrainer(blockWidth: 37).train(
      HeadTrainingSet(
        classNames: ["a", "b", "c", "d"], features: features, labels: labels,
        weights: [Float](repeating: 1, count: 600), foldSizes: [120, 120, 120, 120, 120]))
    #expect(outcome.depth == (lastIsNoise ? 0 : 2))
    // The head takes features as they come, whatever they were scaled by.
    #expect(try headAccuracy(outcome.regression, features, labels) > 0.6)
  }

  @Test func fitsWithAKnownPenaltyAsTheWholeTrainingDoes() throws {
    let set = try set(rows: 500, classes: 3)
    var trainer = HeadTrainer(blockWidth: 37)
    trainer.l2Candidates = [0.05]
    trainer.relativeDecrease = 1e-8
    let (whole, plain) = try (trainer.train(set), trainer.fit(set, l2: 0.05))
    let scaling = TemperatureScaling(temperature: whole.temperature)
    for row in stride(from: 0, to: set.rowCount, by: 11) {
      let features = Array(set.features[row: row])
      let (a, b) = try (
        whole.regression.probabilities(of: features), scaling.calibrated(plain).probabilities(of: features)
      )
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 2e-3 }, "row \(row)")
    }
  }

  @Test func isCancelledWithinAnIteration() throws {
    let set = try set(rows: 400, classes: 3)
    let asked = Guarded(0)
    let error = #expect(throws: SibylError.self) {
      _ = try HeadTrainer(blockWidth: 37).train(
        set,
        isCancelled: {
          asked.withLock {
            $0 += 1
            return $0 > 5
          }
        })
    }
    #expect(error?.kind == .cancelled)
    #expect(asked.withLock { $0 } < 9)
  }

  @Test func faultySetsAreRefused() throws {
    let (features, labels) = try clusteredRows(rows: 10, classes: 2)
    let weights = [Float](repeating: 1, count: 10)
    func make(_ names: [String], _ labels: [Int], _ weights: [Float], _ sizes: [Int]) throws {
      _ = try HeadTrainingSet(
        classNames: names, features: features, labels: labels, weights: weights, foldSizes: sizes)
    }
    try make(["a", "b"], labels, weights, [5, 5])
    #expect(throws: SibylError.self) { try make(["a"], labels, weights, [5, 5]) }
    #expect(throws: SibylError.self) { try make(["a", "b"], labels.map { $0 * 2 }, weights, [5, 5]) }
    #expect(throws: SibylError.self) { try make(["a", "b"], labels, weights.map { _ in .nan }, [5, 5]) }
    #expect(throws: SibylError.self) { try make(["a", "b"], labels, weights, [5, 4]) }
    #expect(throws: SibylError.self) { try make(["a", "b"], labels, weights, [10]) }
    #expect(throws: SibylError.self) { try make(["a", "b"], Array(labels.dropLast()), weights, [5, 5]) }
  }

  @Test func evaluationCountsAsScikitLearnDoes() {
    // sklearn.metrics on the same rows, each as often as its count says.
    let evaluation = ClassifierEvaluation(
      classCount: 3, truth: [0, 0, 1, 1, 2, 0], predictions: [0, 1, 1, 1, 0, 0], counts: [2, 1, 1, 1, 1, 1])
    #expect(evaluation.rowCount == 7)
    #expect(abs(evaluation.accuracy - 5.0 / 7) < 1e-12)
    #expect(evaluation.confusion == [[0: 3, 1: 1], [1: 2], [0: 1]])
    #expect(evaluation.classes[0].rowCount == 4 && evaluation.classes[0].precision == 0.75)
    #expect(evaluation.classes[0].recall == 0.75 && evaluation.classes[0].f1 == 0.75)
    #expect(abs(evaluation.classes[1].f1 - 0.8) < 1e-12 && evaluation.classes[2].f1 == 0)
    #expect(abs(evaluation.macroF1 - (0.75 + 0.8) / 3) < 1e-12)
  }
}
