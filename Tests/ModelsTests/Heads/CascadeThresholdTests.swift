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

  @Test func keepsTheStatedShare() {
    var shares: [Double] = []
    for seed in 0..<20 {
      let sample = rows(300, seed: UInt64(seed))
      let others = rows(3_000, seed: UInt64(1_000 + seed))
      let found = CascadeThreshold(
        confidences: sample.confidences, agrees: sample.agrees, sampleCount: sample.agrees.count,
        others: others.confidences, allowedShare: 0.05
      )
      let wrong = zip(others.confidences, others.agrees).count { $0 >= found.threshold && !$1 }
      shares.append(Double(wrong) / 3_000)
      #expect(found.sampleCount == 300 && found.keptCount > 0)
      #expect(found.disagreement.low <= found.disagreement.share)
      #expect(found.disagreement.share <= found.disagreement.high)
    }
    let mean = shares.reduce(0, +) / 20
    #expect(mean > 0.04 && mean < 0.06, "\(mean)")
    #expect(shares.allSatisfy { $0 < 0.1 }, "\(shares)")
  }

  @Test func moreAllowedKeepsMore() {
    let sample = rows(300, seed: 7)
    var last: Float = 3
    for share in [0, 0.01, 0.05, 0.1, 0.2, 1] {
      let found = CascadeThreshold(
        confidences: sample.confidences, agrees: sample.agrees, sampleCount: sample.agrees.count,
        others: sample.confidences,
        allowedShare: share)
      #expect(found.threshold <= last)
      last = found.threshold
    }
    #expect(last <= 0.51)
  }

  @Test func nothingIsKeptWithoutAllowanceOrRows() {
    let sample = rows(100, seed: 3)
    let none = CascadeThreshold(
      confidences: sample.confidences, agrees: sample.agrees, sampleCount: sample.agrees.count,
      others: sample.confidences, allowedShare: 0)
    #expect(none.threshold > 1 && none.keptCount == 0 && none.disagreementCount == 0)
    let empty = CascadeThreshold(confidences: [], agrees: [], sampleCount: 0, others: [], allowedShare: 0.5)
    #expect(empty.threshold > 1 && empty.disagreement.high == 1)
    // One that is always wrong keeps nothing, one that is always right and sure everything.
    let wrong = CascadeThreshold(
      confidences: [Float](repeating: 0.9, count: 200), agrees: [Bool](repeating: false, count: 200),
      sampleCount: 200, others: [0.9, 0.9], allowedShare: 0.05)
    #expect(wrong.threshold > 1)
    let right = CascadeThreshold(
      confidences: [Float](repeating: 0.9, count: 200), agrees: [Bool](repeating: true, count: 200),
      sampleCount: 200, others: [0.9, 0.9], allowedShare: 0.05)
    #expect(right.threshold == 0.9 && right.keptCount == 200)
  }

  /// Rows that were chosen for their doubtful confidence teach the curve and are not counted.
  @Test func onlyChanceCounts() {
    let (sample, more) = (rows(100, seed: 1), rows(900, seed: 2))
    let doubtful = more.confidences.indices.filter { more.confidences[$0] < 0.7 }
    let found = CascadeThreshold(
      confidences: sample.confidences + doubtful.map { more.confidences[$0] },
      agrees: sample.agrees + doubtful.map { more.agrees[$0] }, sampleCount: 100,
      others: more.confidences, allowedShare: 0.1)
    #expect(found.sampleCount == 100)
    #expect(found.keptCount == sample.confidences.count { $0 >= found.threshold })
    let wrong = zip(more.confidences, more.agrees).count { $0 >= found.threshold && !$1 }
    #expect(abs(Double(wrong) / 900 - 0.1) < 0.04, "\(wrong) of 900")
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
    #expect(try MimicHead(shifts: head.shifts, weights: head.weights, biases: head.biases) == head)
    #expect(throws: SibylError.self) { try head.probabilities(of: [1, 2]) }
    #expect(throws: SibylError.self) { try MimicHead(shifts: [], weights: [], biases: [1, 2]) }
    #expect(throws: SibylError.self) { try MimicHead(shifts: [0], weights: [.nan, 1], biases: [1, 2]) }
    #expect(throws: SibylError.self) {
      try MimicHead(features: features, probabilities: Array(probabilities.dropLast()))
    }
  }
}
