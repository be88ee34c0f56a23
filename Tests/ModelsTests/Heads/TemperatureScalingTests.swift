import Diagnostics
import Foundation
import Models
import Testing

@Suite struct TemperatureScalingTests {
  /// Rows whose labels are drawn with the probabilities that a softmax of `logits / temperature` gives.
  private func rows(temperature: Float, classes: Int, count: Int) -> (logits: [Float], labels: [Int]) {
    var generator = HeadTestGenerator(seed: 7)
    var logits: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let row = (0..<classes).map { _ in 3 * generator.float() }
      var probabilities = row.map { $0 / temperature }
      Softmax.apply(to: &probabilities)
      let draw = (generator.float() + 1) / 2
      var sum: Float = 0
      labels.append(
        probabilities.firstIndex { probability in
          sum += probability
          return draw < sum
        } ?? classes - 1)
      logits += row
    }
    return (logits, labels)
  }

  private func oneHot(_ labels: [Int], classes: Int) -> [Float] {
    labels.flatMap { label in (0..<classes).map { $0 == label ? 1 : 0 } }
  }

  @Test(arguments: [0.5, 1, 2.5] as [Float])
  func findsTheTemperatureThatRowsWereDrawnWith(temperature: Float) throws {
    let (logits, labels) = rows(temperature: temperature, classes: 4, count: 4_000)
    let found = try TemperatureScaling.fit(
      logits: logits, classCount: 4, targets: oneHot(labels, classes: 4))
    #expect(abs(found.temperature / Double(temperature) - 1) < 0.1)
    // From probabilities the same is found: their logarithms are the logits but for what all classes share.
    var probabilities: [Float] = []
    for row in stride(from: 0, to: logits.count, by: 4) {
      var cells = Array(logits[row..<row + 4])
      Softmax.apply(to: &cells)
      probabilities += cells
    }
    let again = try TemperatureScaling.fit(probabilities: probabilities, classCount: 4, labels: labels)
    #expect(abs(again.temperature - found.temperature) < 0.01)
  }

  @Test func isTheMinimumOfTheLoss() throws {
    let (logits, labels) = rows(temperature: 1.7, classes: 3, count: 500)
    func loss(_ temperature: Double) -> Double {
      labels.indices.reduce(0) { sum, row in
        var cells = logits[row * 3..<row * 3 + 3].map { $0 / Float(temperature) }
        Softmax.apply(to: &cells)
        return sum - log(Double(cells[labels[row]]))
      }
    }
    let found = try TemperatureScaling.fit(
      logits: logits, classCount: 3, targets: oneHot(labels, classes: 3)
    ).temperature
    #expect(loss(found) < loss(found * 1.1) && loss(found) < loss(found / 1.1))
    #expect(loss(found) < loss(1))
  }

  @Test func weightsAndExcludedClassesCount() throws {
    // Half of the rows are drawn cautiously, half boldly; weights choose which half is heard.
    let cautious = rows(temperature: 3, classes: 3, count: 1_500)
    let bold = rows(temperature: 0.5, classes: 3, count: 1_500)
    let logits = cautious.logits + bold.logits
    let targets = oneHot(cautious.labels + bold.labels, classes: 3)
    func fit(_ first: Float, _ second: Float) throws -> Double {
      try TemperatureScaling.fit(
        logits: logits, classCount: 3, targets: targets,
        weights: [Float](repeating: first, count: 1_500) + [Float](repeating: second, count: 1_500)
      ).temperature
    }
    #expect(try fit(1, 0) > 2.5)
    #expect(try fit(0, 1) < 0.65)
    #expect(try (0.65...2.5).contains(fit(1, 1)))

    // A class that is excluded may have any logit.
    var shouting = logits
    for row in 0..<3_000 { shouting[row * 3 + 1] = 50 }
    let rows = (0..<3_000).filter { targets[$0 * 3 + 1] == 0 }
    func only<Value>(_ values: [Value]) -> [Value] { rows.flatMap { values[$0 * 3..<$0 * 3 + 3] } }
    let offsets = rows.flatMap { _ in [0, -.infinity, 0] as [Float] }
    let quiet = try TemperatureScaling.fit(
      logits: only(logits), classCount: 3, targets: only(targets), offsets: offsets)
    let loud = try TemperatureScaling.fit(
      logits: only(shouting), classCount: 3, targets: only(targets), offsets: offsets)
    #expect(quiet == loud)
  }

  @Test func aCalibratedHeadDividesItsLogitsAndKeepsItsLabels() throws {
    let regression = try SoftmaxRegression(
      classNames: ["a", "b"], featureCount: 2, weights: [1, -2, 3, 0.5], biases: [0.25, -0.5])
    let calm = try TemperatureScaling(temperature: 2).calibrated(regression)
    let row: [Float] = [0.5, 0.75]
    let before = try regression.probabilities(of: row)
    let after = try calm.probabilities(of: row)
    #expect((before[0] > before[1]) == (after[0] > after[1]))
    #expect(abs(after[0] - 0.5) < abs(before[0] - 0.5))
    #expect(try TemperatureScaling.none.calibrated(regression) == regression)
  }

  @Test func fewRowsThatAreAllRightOrAllWrongStayWithinBounds() throws {
    let right = try TemperatureScaling.fit(
      probabilities: [0.9, 0.1, 0.1, 0.9], classCount: 2, labels: [0, 1])
    #expect(right.temperature > 0.5 && right.temperature < 2)
    let wrong = try TemperatureScaling.fit(
      probabilities: [0.9, 0.1, 0.1, 0.9], classCount: 2, labels: [1, 0])
    #expect(wrong.temperature > 19)
    let certain = try TemperatureScaling.fit(probabilities: [1, 0, 0, 1], classCount: 2, labels: [0, 1])
    #expect(TemperatureScaling.range.contains(certain.temperature))
    #expect(TemperatureScaling(temperature: .nan) == .none && TemperatureScaling(temperature: -1) == .none)
  }

  @Test func whatDoesNotFitTogetherIsRefused() {
    #expect(throws: SibylError.self) {
      try TemperatureScaling.fit(probabilities: [0.5, 0.5], classCount: 2, labels: [2])
    }
    #expect(throws: SibylError.self) {
      try TemperatureScaling.fit(probabilities: [0.5, 0.5, 1], classCount: 2, labels: [0])
    }
    #expect(throws: SibylError.self) { try TemperatureScaling.fit(logits: [], classCount: 2, targets: []) }
    #expect(throws: SibylError.self) {
      try TemperatureScaling.fit(logits: [1, 2], classCount: 2, targets: [1, 0], weights: [1, 1])
    }
    #expect(throws: SibylError.self) {
      try TemperatureScaling.fit(logits: [1, 2], classCount: 2, targets: [1, 0], offsets: [0])
    }
  }
}
