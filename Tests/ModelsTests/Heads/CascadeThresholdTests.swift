import Diagnostics
import Models
import Testing

/// A cascade's threshold, and the head that mimics a large model.
@Suite struct CascadeThresholdTests {
  /// Rows whose answers are right as often as they are confident.
  private func rows(_ count: Int, seed: UInt64) -> (confidences: [Float], agrees: [Bool]) {
    var generator = SplitMix64(seed: seed)
    var confidences: [Float] = []
    var agrees: [Bool] = []
    for _ in 0..<count {
      let confidence = Float(500 + generator.next(below: 500)) / 1_000
      confidences.append(confidence)
      agrees.append(generator.next(below: 1_000) < Int(confidence * 1_000))
    }
    return (confidences, agrees)
  }

  private func curve(_ rows: (confidences: [Float], agrees: [Bool])) -> AgreementCurve {
    AgreementCurve(confidences: rows.confidences, agrees: rows.agrees)
  }

  @Test func keepsTheStatedShare() {
    var shares: [Double] = []
    var covered = 0
    for seed in 0..<40 {
      let known = rows(300, seed: UInt64(seed))
      let others = rows(3_000, seed: UInt64(1_000 + seed))
      let found = CascadeThreshold(
        curve: curve(known), others: others.confidences, known: known.confidences, unseenCount: 0,
        allowedShare: 0.05)
      let kept = others.confidences.count { $0 >= found.threshold }
      let wrong = zip(others.confidences, others.agrees).count { $0 >= found.threshold && !$1 }
      #expect(found.keptCount == Double(kept))
      shares.append(Double(wrong) / 3_300)
      let share = Double(wrong) / Double(kept)
      if found.disagreement.low <= share && share <= found.disagreement.high { covered += 1 }
      #expect(found.disagreement.low < found.disagreement.share)
      #expect(found.disagreement.share < found.disagreement.high)
    }
    let mean = shares.reduce(0, +) / 40
    #expect(mean > 0.04 && mean < 0.052, "\(mean)")
    #expect(shares.allSatisfy { $0 < 0.07 }, "\(shares)")
    #expect(covered >= 36, "\(covered) of 40")
  }

  @Test func moreAllowedKeepsMore() {
    let known = rows(300, seed: 7)
    var last: Float = 3
    for share in [0, 0.01, 0.05, 0.1, 0.2, 1] {
      let found = CascadeThreshold(
        curve: curve(known), others: known.confidences, known: [], unseenCount: 0, allowedShare: share)
      #expect(found.threshold <= last)
      last = found.threshold
    }
    #expect(last <= 0.51)
  }

  /// Rows that are not there yet go the same way as those that are, the large one's among them.
  @Test func unseenRowsCount() {
    let known = rows(300, seed: 11)
    let others = rows(700, seed: 12)
    let alone = CascadeThreshold(
      curve: curve(known), others: others.confidences, known: known.confidences, unseenCount: 0,
      allowedShare: 0.05)
    let many = CascadeThreshold(
      curve: curve(known), others: others.confidences, known: known.confidences, unseenCount: 99_000,
      allowedShare: 0.05)
    // What the large one answers among the few leaves more room for the others.
    #expect(many.threshold > alone.threshold)
    let more = rows(20_000, seed: 13)
    let wrong = zip(more.confidences, more.agrees).count { $0 >= many.threshold && !$1 }
    #expect(abs(Double(wrong) / 20_000 - 0.05) < 0.015, "\(wrong)")
    #expect(
      abs(many.keptCount / 100_000 - Double(more.confidences.count { $0 >= many.threshold }) / 20_000) < 0.05)
  }

  @Test func nothingIsKeptWithoutAllowanceOrRows() {
    let known = rows(100, seed: 3)
    let none = CascadeThreshold(
      curve: curve(known), others: known.confidences, known: [], unseenCount: 0, allowedShare: 0)
    #expect(none.threshold > 1 && none.keptCount == 0 && none.disagreement.share == 0)
    let empty = CascadeThreshold(
      curve: AgreementCurve(confidences: [], agrees: []), others: [], known: [], unseenCount: 5,
      allowedShare: 0.5)
    #expect(empty.threshold > 1 && empty.disagreement.high == 1)
    // One that is always wrong keeps nothing, one that is always right and sure everything.
    let sure = [Float](repeating: 0.9, count: 200)
    let wrong = CascadeThreshold(
      curve: AgreementCurve(confidences: sure, agrees: sure.map { _ in false }), others: [0.9, 0.9],
      known: [],
      unseenCount: 0, allowedShare: 0.05)
    #expect(wrong.threshold > 1)
    let right = CascadeThreshold(
      curve: AgreementCurve(confidences: sure, agrees: sure.map { _ in true }), others: [0.9, 0.9],
      known: sure,
      unseenCount: 0, allowedShare: 0.05)
    #expect(right.threshold == 0.9 && right.keptCount == 2)
    // That nobody has seen it wrong in few rows does not prove that it never is.
    let few = CascadeThreshold(
      curve: AgreementCurve(
        confidences: [Float](repeating: 1, count: 50), agrees: .init(repeating: true, count: 50)),
      others: [Float](repeating: 1, count: 1_000), known: [], unseenCount: 0, allowedShare: 0.05)
    #expect(few.threshold == 1 && few.disagreement.low < 0.001 && few.disagreement.high > 0.003)
  }

  /// A claim is believed as far as the rows do not say otherwise.
  @Test func aCurveFollowsItsRows() {
    #expect(abs(AgreementCurve(confidences: [], agrees: []).probability(at: 0.8) - 0.8) < 1e-6)
    let honest = curve(rows(2_000, seed: 21))
    for confidence in [0.55, 0.7, 0.9] as [Float] {
      #expect(abs(honest.probability(at: confidence) - Double(confidence)) < 0.05)
    }
    // One that claims 95% and is right in 70%.
    let boastful = AgreementCurve(
      confidences: [Float](repeating: 0.95, count: 1_000), agrees: (0..<1_000).map { $0 % 10 < 7 })
    #expect(abs(boastful.probability(at: 0.95) - 0.7) < 0.06, "\(boastful.probability(at: 0.95))")
    let found = boastful.disagreements(among: [(confidence: 0.95, count: 100)])
    #expect(abs(found.expected - 30) < 6 && found.variance > 20 && found.variance < 40, "\(found)")
  }

  /// Rows that were chosen for their doubtful confidence teach the curve as those do that chance has chosen.
  @Test func doubtfulRowsTeach() {
    let (sample, more) = (rows(100, seed: 1), rows(900, seed: 2))
    let doubtful = more.confidences.indices.filter { more.confidences[$0] < 0.7 }
    let confidences = sample.confidences + doubtful.map { more.confidences[$0] }
    let curve = AgreementCurve(
      confidences: confidences, agrees: sample.agrees + doubtful.map { more.agrees[$0] })
    let others = more.confidences.indices.filter { more.confidences[$0] >= 0.7 }
    let found = CascadeThreshold(
      curve: curve, others: others.map { more.confidences[$0] }, known: confidences, unseenCount: 0,
      allowedShare: 0.05)
    let wrong = others.count { more.confidences[$0] >= found.threshold && !more.agrees[$0] }
    #expect(abs(Double(wrong) / 1_000 - 0.05) < 0.02, "\(wrong) of 1,000")
  }

  @Test func sharesHaveIntervals() {
    // Wilson's own example of the formula: 10 of 100.
    let tenth = ShareInterval(successes: 10, of: 100)
    #expect(tenth.share == 0.1 && abs(tenth.low - 0.0552) < 1e-4 && abs(tenth.high - 0.1744) < 1e-4)
    let none = ShareInterval(successes: 0, of: 20)
    #expect(none.share == 0 && none.low == 0 && abs(none.high - 0.1611) < 1e-4)
    let all = ShareInterval(successes: 20, of: 20)
    #expect(all.share == 1 && all.high == 1 && abs(all.low - 0.8389) < 1e-4)
    for unknown in [ShareInterval(successes: 0, of: 0), ShareInterval(share: 0, knownAsFrom: .nan)] {
      #expect(unknown.share == 0 && unknown.low == 0 && unknown.high == 1)
    }
  }

  /// As many rows as features, and more: the two ways to the same weights.
  @Test func moreRowsThanFeatures() throws {
    var generator = SplitMix64(seed: 9)
    for count in [6, 7, 40] {
      var features = FeatureMatrix(columnCount: 6)
      var probabilities: [[Float]] = []
      for _ in 0..<count {
        let row = (0..<6).map { _ in Float(generator.next(below: 2_001)) / 1_000 - 1 }
        try features.append(row)
        let yes = 0.5 + 0.4 * row[1]
        probabilities.append([1 - yes, yes])
      }
      let head = try MimicHead(features: features, probabilities: probabilities)
      let up = try head.probabilities(of: [0, 1, 0, 0, 0, 0])[1]
      let down = try head.probabilities(of: [0, -1, 0, 0, 0, 0])[1]
      #expect(up > down + 0.1, "\(count) rows: \(up), \(down)")
    }
  }

  /// A teacher that goes by the sign of one feature is learnt from its probabilities.
  @Test func aHeadMimicsItsTeacher() throws {
    var generator = SplitMix64(seed: 5)
    var features = FeatureMatrix(columnCount: 8)
    var probabilities: [[Float]] = []
    for _ in 0..<120 {
      let row = (0..<8).map { _ in Float(generator.next(below: 2_001)) / 1_000 - 1 }
      try features.append(row)
      let yes = 1 / (1 + (row[2] > 0 ? 0.2 : 5) as Float)
      probabilities.append([1 - yes, yes])
    }
    let heldOut = try MimicHead.heldOut(features: features, probabilities: probabilities, foldCount: 10)
    let agree = zip(heldOut, probabilities).count { ($0[1] > $0[0]) == ($1[1] > $1[0]) }
    #expect(agree > 100, "\(agree) of 120")
    #expect(heldOut.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-5 })
    let head = try MimicHead(features: features, probabilities: probabilities)
    let cautious = try head.calibrated(by: TemperatureScaling(temperature: 2))
    for row in [0, 1, 2] {
      let scaled = TemperatureScaling(temperature: 2).calibrated(
        try head.probabilities(of: Array(features[row: row])))
      let given = try cautious.probabilities(of: Array(features[row: row]))
      #expect(zip(scaled, given).allSatisfy { abs($0 - $1) < 1e-5 } && abs(scaled.reduce(0, +) - 1) < 1e-5)
    }
    #expect(try MimicHead(shifts: head.shifts, weights: head.weights, biases: head.biases) == head)
    #expect(throws: SibylError.self) { try head.probabilities(of: [1, 2]) }
    #expect(throws: SibylError.self) { try MimicHead(shifts: [], weights: [], biases: [1, 2]) }
    #expect(throws: SibylError.self) { try MimicHead(shifts: [0], weights: [.nan, 1], biases: [1, 2]) }
    #expect(throws: SibylError.self) {
      try MimicHead(features: features, probabilities: Array(probabilities.dropLast()))
    }
  }
}
