import Diagnostics
import Foundation
import Models
import Testing
import Threads

@Suite struct SoftmaxRegressionTrainerTests {
  /// The loss as the documentation states it, in float64 and without any trick.
  private func loss(_ regression: SoftmaxRegression, _ set: TrainingSet, l2: Double) -> Double {
    var (sum, total) = (0.0, 0.0)
    for row in 0..<set.rowCount {
      let cells = row * set.classCount..<(row + 1) * set.classCount
      let logits = (0..<set.classCount).map { index -> Double in
        var logit = Double(regression.biases[index])
        for (column, value) in set.features[row: row].enumerated() {
          logit += Double(value) * Double(regression.weights[index * regression.featureCount + column])
        }
        return logit + (set.offsets.isEmpty ? 0 : Double(set.offsets[cells.lowerBound + index]))
      }
      let normaliser = log(logits.reduce(0) { $0 + exp($1) })
      for (index, target) in set.targets[cells].enumerated() where target > 0 {
        sum += Double(set.weights[row]) * Double(target) * (normaliser - logits[index])
      }
      total += Double(set.weights[row])
    }
    return sum / total + l2 / 2 * regression.weights.reduce(0) { $0 + Double($1) * Double($1) }
  }

  private func moved(_ regression: SoftmaxRegression, weight: Int?, bias: Int?, by step: Float) throws
    -> SoftmaxRegression
  {
    var (weights, biases) = (regression.weights, regression.biases)
    if let weight { weights[weight] += step }
    if let bias { biases[bias] += step }
    return try SoftmaxRegression(
      classNames: regression.classNames, featureCount: regression.featureCount, weights: weights,
      biases: biases)
  }

  /// A set with everything at once: soft targets, weights, exclusions and priors.
  private func mixedSet(rows: Int = 90) throws -> TrainingSet {
    let (features, labels) = try clusteredRows(rows: rows, classes: 4, spread: 1.5)
    var generator = HeadTestGenerator(seed: 5)
    var (targets, weights, offsets) = ([Float](), [Float](), [Float]())
    for (row, label) in labels.enumerated() {
      let share: Float = row.isMultiple(of: 3) ? 0.75 : 1
      targets += (0..<4).map { $0 == label ? share : $0 == (label + 1) % 4 ? 1 - share : 0 }
      weights.append(row.isMultiple(of: 7) ? 0 : 0.5 + abs(generator.float()))
      offsets += (0..<4).map {
        $0 == (label + 2) % 4 && row.isMultiple(of: 2) ? -.infinity : 0.3 * generator.float()
      }
    }
    return try TrainingSet(
      features: features, classNames: ["a", "b", "c", "d"], targets: targets, weights: weights,
      offsets: offsets)
  }

  @Test func endsAtTheMinimumOfTheStatedLoss() throws {
    let set = try mixedSet()
    var trainer = SoftmaxRegressionTrainer(
      l2: 0.05, scaling: .identity(featureCount: set.features.columnCount))
    trainer.relativeDecrease = 1e-10
    let fit = try trainer.fit(set)
    let least = loss(fit.regression, set, l2: 0.05)
    #expect(abs(least - fit.loss) < 1e-5)
    // At the minimum every derivative is zero, by differences of the plainly written loss.
    for weight in stride(from: 0, to: fit.regression.weights.count, by: 13) {
      let up = try loss(moved(fit.regression, weight: weight, bias: nil, by: 0.01), set, l2: 0.05)
      let down = try loss(moved(fit.regression, weight: weight, bias: nil, by: -0.01), set, l2: 0.05)
      #expect(abs(up - down) / 0.02 < 2e-4)
      #expect(up > least && down > least)
    }
    for bias in 0..<4 {
      let up = try loss(moved(fit.regression, weight: nil, bias: bias, by: 0.01), set, l2: 0.05)
      let down = try loss(moved(fit.regression, weight: nil, bias: bias, by: -0.01), set, l2: 0.05)
      #expect(abs(up - down) / 0.02 < 2e-4)
    }
  }

  @Test(arguments: [2, 3, 5, 10]) func learnsSeparableClasses(classes: Int) throws {
    let (features, labels) = try clusteredRows(rows: 400, classes: classes)
    let set = try TrainingSet(
      features: features, classNames: (0..<classes).map { "class \($0)" }, labels: labels)
    for scaling in [
      FeatureScaling.identity(featureCount: 37), .centring(features),
      .standardising(features, blockWidth: 10),
    ] {
      let fit = try SoftmaxRegressionTrainer(l2: 0.001, scaling: scaling).fit(set)
      let reached = try headAccuracy(fit.regression, features, labels)
      #expect(reached > 0.99)
    }
  }

  @Test func scalingIsFoldedIntoTheWeights() throws {
    // Features shifted and stretched: standardising undoes both, so the answers stay the same.
    let (features, labels) = try clusteredRows(rows: 200, classes: 3)
    let stretched = try FeatureMatrix(columnCount: 37, values: features.values.map { 5 + 40 * $0 })
    let names = ["a", "b", "c"]
    func probabilities(_ matrix: FeatureMatrix) throws -> [Float] {
      var trainer = SoftmaxRegressionTrainer(l2: 0.01, scaling: .standardising(matrix, blockWidth: 37))
      trainer.relativeDecrease = 1e-9
      let fit = try trainer.fit(TrainingSet(features: matrix, classNames: names, labels: labels))
      return try fit.regression.probabilities(of: matrix)
    }
    for (plain, other) in zip(try probabilities(features), try probabilities(stretched)) {
      #expect(abs(plain - other) < 2e-3)
    }
  }

  @Test func sameHeadWhateverTheExecutor() throws {
    let (features, labels) = try clusteredRows(rows: 5000, classes: 3, spread: 1)
    let set = try TrainingSet(features: features, classNames: ["a", "b", "c"], labels: labels)
    let slices = Guarded(0)
    let backwards = SliceExecutor { count, body in
      slices.withLock { $0 = max($0, count) }
      for slice in (0..<count).reversed() { body(slice) }
    }
    let threads = SliceExecutor { DispatchQueue.concurrentPerform(iterations: $0, execute: $1) }
    var heads: [SoftmaxRegression] = []
    for executor in [SliceExecutor.serial, .serial, backwards, threads] {
      let trainer = SoftmaxRegressionTrainer(l2: 0.01, scaling: .centring(features), executor: executor)
      heads.append(try trainer.fit(set).regression)
    }
    #expect(slices.withLock { $0 } > 1)
    for head in heads { #expect(head == heads[0]) }
  }

  @Test func excludedClassesAreLeftAlone() throws {
    // Classes 0 and 1 are told apart by the first feature in rows that say nothing of class 2; rows of class
    // 2 stand elsewhere. Were its exclusion ignored, class 2 would be pushed away from the two-way rows.
    var features = FeatureMatrix(columnCount: 2)
    var (targets, offsets) = ([Float](), [Float]())
    var generator = HeadTestGenerator(seed: 3)
    for row in 0..<300 {
      let label = row % 2
      try features.append([label == 0 ? -1 : 1, generator.float()])
      targets += label == 0 ? [1, 0, 0] : [0, 1, 0]
      offsets += [0, 0, -.infinity]
    }
    let set = try TrainingSet(
      features: features, classNames: ["a", "b", "c"], targets: targets,
      weights: [Float](repeating: 1, count: 300), offsets: offsets)
    let head = try SoftmaxRegressionTrainer(l2: 0.01, scaling: .identity(featureCount: 2)).fit(set).regression
    #expect(head.weights.suffix(2).allSatisfy { $0 == 0 })
    #expect(head.biases[2] == 0)
    #expect(try head.probabilities(of: [-1, 0])[0] > 0.8)
  }

  @Test func rowsOfNoWeightAndRowsNotSelectedDoNotCount() throws {
    let (features, labels) = try clusteredRows(rows: 120, classes: 2, spread: 1)
    // The last 40 rows are lies.
    let lies = labels.enumerated().map { $0 < 80 ? $1 : 1 - $1 }
    let weights = (0..<120).map { Float($0 < 80 ? 1 : 0) }
    let targets = lies.flatMap { $0 == 0 ? [1, 0] : [0, 1] as [Float] }
    let trainer = SoftmaxRegressionTrainer(l2: 0.01, scaling: .identity(featureCount: 37))
    let weighted = try trainer.fit(
      TrainingSet(features: features, classNames: ["a", "b"], targets: targets, weights: weights))
    let selected = try trainer.fit(
      TrainingSet(features: features, classNames: ["a", "b"], labels: lies), rows: Array(0..<80))
    for (one, other) in zip(weighted.regression.weights, selected.regression.weights) {
      #expect(abs(one - other) < 1e-3)
    }
  }

  @Test func crossValidationHoldsRowsOut() throws {
    // Random labels: whoever has seen a row can recite its label, whoever has not is at chance.
    var generator = HeadTestGenerator(seed: 21)
    let values = (0..<200 * 300).map { _ in generator.float() }
    let features = try FeatureMatrix(columnCount: 300, values: values)
    let labels = (0..<200).map { _ in Int.random(in: 0...1, using: &generator) }
    let set = try TrainingSet(features: features, classNames: ["a", "b"], labels: labels)
    let trainer = SoftmaxRegressionTrainer(l2: 1, scaling: .identity(featureCount: 300))
    let candidates = [1e-4, 1.0]
    let predictions = try trainer.crossValidate(set, l2Candidates: candidates, strata: labels)
    for prediction in predictions {
      let right = labels.indices.count { prediction[$0 * 2 + labels[$0]] > 0.5 }
      #expect((70...130).contains(right))
    }
    let weak = SoftmaxRegressionTrainer(l2: 1e-4, scaling: .identity(featureCount: 300))
    #expect(try headAccuracy(weak.fit(set).regression, features, labels) > 0.9)
    #expect(try trainer.crossValidate(set, l2Candidates: candidates, strata: labels) == predictions)
  }

  @Test func foldsShareEveryStratum() throws {
    let strata = (0..<103).map { $0 % 10 == 0 ? 1 : 0 }
    let folds = try FoldAssignment(strata: strata, foldCount: 5, seed: 9)
    #expect(try folds == FoldAssignment(strata: strata, foldCount: 5, seed: 9))
    #expect(try folds != FoldAssignment(strata: strata, foldCount: 5, seed: 10))
    for fold in 0..<5 {
      let rows = folds.rows(in: fold)
      #expect((20...21).contains(rows.count))
      #expect((2...3).contains(rows.count { strata[$0] == 1 }))
      #expect(Set(rows).isDisjoint(with: folds.rows(outside: fold)))
      #expect(rows.count + folds.rows(outside: fold).count == 103)
    }
  }

  @Test func badInputIsRefused() throws {
    let (features, labels) = try clusteredRows(rows: 10, classes: 2)
    let names = ["a", "b"]
    #expect(throws: SibylError.self) { try FeatureMatrix(columnCount: 3, values: [1, 2]) }
    #expect(throws: SibylError.self) {
      try TrainingSet(features: features, classNames: ["a"], labels: labels)
    }
    #expect(throws: SibylError.self) { try TrainingSet(features: features, classNames: names, labels: [2]) }
    let broken = try FeatureMatrix(columnCount: 1, values: [.nan, 1])
    #expect(throws: SibylError.self) { try TrainingSet(features: broken, classNames: names, labels: [0, 1]) }
    let two = try FeatureMatrix(columnCount: 1, values: [0, 1])
    #expect(throws: SibylError.self) {
      try TrainingSet(
        features: two, classNames: names, targets: [1, 0, 0, 1], weights: [1, 1],
        offsets: [-.infinity, 0, 0, 0])
    }
    #expect(throws: SibylError.self) {
      try TrainingSet(features: two, classNames: names, targets: [1, 0, 0, 1], weights: [0, 0])
    }
    let set = try TrainingSet(features: features, classNames: names, labels: labels)
    let scaling = FeatureScaling.identity(featureCount: 37)
    for l2 in [0, -1, Double.nan, .infinity] {
      #expect(throws: SibylError.self) { try SoftmaxRegressionTrainer(l2: l2, scaling: scaling).fit(set) }
    }
    let trainer = SoftmaxRegressionTrainer(l2: 1, scaling: scaling)
    #expect(throws: SibylError.self) { try trainer.fit(set, rows: []) }
    #expect(throws: SibylError.self) { try trainer.fit(set, rows: [10]) }
    #expect(throws: SibylError.self) {
      try SoftmaxRegressionTrainer(l2: 1, scaling: .identity(featureCount: 36)).fit(set)
    }
    #expect(throws: SibylError.self) { try trainer.crossValidate(set, l2Candidates: [1], strata: [0, 1]) }
    #expect(throws: SibylError.self) { try trainer.fit(set).regression.probabilities(of: [1, 2]) }
  }
}
