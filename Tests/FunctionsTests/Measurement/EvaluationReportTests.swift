import Diagnostics
import Functions
import JSON
import TestSupport
import Testing

@Suite struct EvaluationReportTests {
  private func report(
    _ rows: [(prediction: String?, truth: String?, confidence: Double?)]
  ) throws -> EvaluationReport {
    var predictions = LabelledPredictions()
    for row in rows {
      try predictions.add(prediction: row.prediction, truth: row.truth, confidence: row.confidence)
    }
    return EvaluationReport(predictions)
  }

  @Test func figuresAreThoseOfTheTextbook() throws {
    // a: 3 rows, 2 found. b: 2 rows, 1 found, 1 open. c: never right, and predicted once.
    let found = try report([
      ("a", "a", nil), ("a", "a", nil), ("c", "a", nil), ("b", "b", nil), (nil, "b", nil), ("a", nil, nil),
    ])
    #expect(found.rows == 5)
    #expect(found.unanswered == 1)
    #expect(found.unlabelled == 1)
    #expect(abs(found.accuracy.value - 3.0 / 5) < 1e-12)
    let labels = Dictionary(uniqueKeysWithValues: found.labels.map { ($0.name, $0) })
    #expect(labels["a"]?.precision == 1)
    #expect(abs((labels["a"]?.recall ?? 0) - 2.0 / 3) < 1e-12)
    #expect(labels["b"]?.recall == 0.5)
    #expect(labels["c"]?.f1 == 0)
    // F1: a 4/5, b 2/3, c 0.
    #expect(abs(found.macroF1.value - (0.8 + 2.0 / 3) / 3) < 1e-12)
    #expect(found.calibrationError == nil)
    #expect(found.json["confusion"]?["a"]?["c"]?.integerValue == 1)
    #expect(found.json["confusion"]?["b"]?["b"]?.integerValue == 1)
  }

  @Test func calibrationErrorIsTheWeightedDistanceOfItsBins() throws {
    var rows: [(prediction: String?, truth: String?, confidence: Double?)] = []
    // 80 rows that say 0.9, of which 60 are right: 0.15 too sure. 20 that say 0.5, of which 14 are: 0.2 too modest.
    for row in 0..<80 { rows.append(("a", row < 60 ? "a" : "b", 0.9)) }
    for row in 0..<20 { rows.append(("a", row < 14 ? "a" : "b", 0.5)) }
    let error = try #require(try report(rows).calibrationError)
    #expect(abs(error.value - (0.8 * 0.15 + 0.2 * 0.2)) < 1e-9)
    #expect(error.interval.contains(error.value))
  }

  @Test(arguments: [100, 1_000, 100_000]) func intervalIsThatOfSamplingTheory(rows: Int) throws {
    let share = 0.8
    let right = Int(Double(rows) * share)
    var predictions = LabelledPredictions()
    for row in 0..<rows {
      try predictions.add(
        prediction: row < right ? "yes" : row % 2 == 0 ? "no" : nil, truth: "yes", confidence: nil)
    }
    let accuracy = EvaluationReport(predictions).accuracy
    let expected = 1.96 * (share * (1 - share) / Double(rows)).squareRoot()
    #expect(abs(accuracy.interval.lowerBound - (share - expected)) < 0.2 * expected)
    #expect(abs(accuracy.interval.upperBound - (share + expected)) < 0.2 * expected)
  }

  @Test func theOrderOfRowsChangesNothing() throws {
    var generator = SeededGenerator(seed: 11)
    let names = ["a", "b", "é", "e\u{301}"]
    var rows = (0..<300).map { _ -> (prediction: String?, truth: String?, confidence: Double?) in
      let truth = names[Int.random(in: 0..<4, using: &generator)]
      let isRight = Int.random(in: 0..<3, using: &generator) > 0
      return (isRight ? truth : names[Int.random(in: 0..<4, using: &generator)], truth, 0.7)
    }
    let first = try report(rows)
    rows.shuffle(using: &generator)
    let second = try report(rows)
    #expect(first.accuracy.interval == second.accuracy.interval)
    #expect(first.macroF1.interval == second.macroF1.interval)
    // Labels are told apart by their bytes, as SQL does.
    #expect(first.labels.count == 4)
  }

  @Test func refusesWhatIsNoLabelAndNoProbability() {
    var predictions = LabelledPredictions()
    #expect(throws: SibylError.self) {
      for row in 0...LabelledPredictions.maximumLabels {
        try predictions.add(prediction: nil, truth: "label \(row)", confidence: nil)
      }
    }
    for confidence in [-0.1, 1.1, .nan, .infinity] {
      #expect(throws: SibylError.self) {
        try predictions.add(prediction: "a", truth: "a", confidence: confidence)
      }
    }
  }
}
