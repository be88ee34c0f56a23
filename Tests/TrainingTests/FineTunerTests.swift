import Diagnostics
import Models
import Testing
import Training

@Suite("Fine-tuning") struct FineTunerTests {
  static func tuner(_ change: (inout FineTuningOptions) -> Void = { _ in }) throws -> FineTuner {
    var options = FineTuningOptions()
    options.rank = 2
    options.epochs = 12
    options.batchSize = 16
    options.learningRate = 5e-3
    options.headLearningRate = 2e-2
    options.patience = 100
    change(&options)
    return try FineTuner(
      TinyEncoder(), TinyEncoder.configuration(), classNames: ["low", "middle", "high"], options: options)
  }

  @Test func learnsMoreThanAHeadAlone() throws {
    let set = try TinyEncoder.set(rows: 160)
    let tuned = try Self.tuner { $0.dropout = 0 }.train(set, heldOut: set)
    #expect(tuned.ending == .complete)
    // The encoder all but frozen: what its random vectors say of the same rows.
    let frozen = try Self.tuner {
      $0.learningRate = 1e-12
      $0.dropout = 0
    }.train(set, heldOut: set)
    #expect(tuned.heldOutAccuracy > 0.9)
    #expect(tuned.heldOutLoss < frozen.heldOutLoss - 0.1)
  }

  @Test func isTheSameOnAnyNumberOfCoresAndAnotherWithAnotherSeed() throws {
    let set = try TinyEncoder.set(rows: 48)
    func train(seed: UInt64, isShared: Bool) throws -> LowRankAdapter {
      try Self.tuner {
        $0.epochs = 2
        $0.seed = seed
      }.train(set, heldOut: set, team: isShared ? BackwardTeam() : nil).adapter
    }
    let first = try train(seed: 1, isShared: false)
    #expect(try train(seed: 1, isShared: true) == first)
    #expect(try train(seed: 2, isShared: false) != first)
  }

  @Test func cancellingKeepsTheBestSoFar() throws {
    let set = try TinyEncoder.set(rows: 48)
    var asked = 0
    let outcome = try Self.tuner().train(
      set, heldOut: set,
      isCancelled: {
        asked += 1
        return asked > 5
      })
    #expect(outcome.ending == .cancelled)
    #expect(outcome.step <= 5 && outcome.step > 0)
    let error = #expect(throws: SibylError.self) {
      try Self.tuner().train(set, heldOut: set, isCancelled: { true })
    }
    #expect(error?.kind == .cancelled)
  }

  @Test func neverFallsBehindTheHeadItBeginsWith() throws {
    let set = try TinyEncoder.set(rows: 48)
    let head = try Self.tuner().train(set, heldOut: set).head
    // So high a rate that every step makes it worse.
    let outcome = try Self.tuner {
      $0.epochs = 1
      $0.learningRate = 1
      $0.headLearningRate = 1
    }.train(set, heldOut: set, initialHead: head)
    let kept = try Self.tuner().train(set, heldOut: set, initialHead: head, isCancelled: { true })
    #expect(kept.step == 0 && kept.ending == .cancelled && kept.head == head)
    #expect(outcome.heldOutAccuracy >= kept.heldOutAccuracy)
    let other = try SoftmaxRegression(
      classNames: head.classNames.reversed(), featureCount: head.featureCount, weights: head.weights,
      biases: head.biases)
    #expect(throws: SibylError.self) { try Self.tuner().train(set, heldOut: set, initialHead: other) }
  }

  @Test func stopsWhenNothingGetsBetter() throws {
    let set = try TinyEncoder.set(rows: 48)
    // A learning rate next to nothing: no look at the held-out rows finds more of them right.
    let outcome = try Self.tuner {
      $0.learningRate = 1e-12
      $0.headLearningRate = 1e-12
      $0.patience = 2
      $0.evaluationsPerEpoch = 1
    }.train(set, heldOut: set)
    #expect(outcome.ending == .stoppedEarly)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let set = try TinyEncoder.set(rows: 8)
    let empty = try FineTuningSet(classNames: set.classNames)
    #expect(throws: SibylError.self) { try Self.tuner().train(empty, heldOut: set) }
    #expect(throws: SibylError.self) { try Self.tuner().train(set, heldOut: empty) }
    var long = empty
    try long.append([Int32](repeating: 1, count: 41), label: 0)
    #expect(throws: SibylError.self) { try Self.tuner().train(long, heldOut: set) }
    var strange = empty
    try strange.append([1, 99, 2], label: 0)
    #expect(throws: SibylError.self) { try Self.tuner().train(strange, heldOut: set) }
    let others = try FineTuningSet(classNames: ["a", "b"])
    #expect(throws: SibylError.self) { try Self.tuner().train(others, heldOut: set) }
    #expect(throws: SibylError.self) { try Self.tuner { $0.rank = 0 } }
    #expect(throws: SibylError.self) { try Self.tuner { $0.learningRate = .nan } }
    #expect(throws: SibylError.self) { try Self.tuner { $0.batchSize = 0 } }
    var refusing = empty
    #expect(throws: SibylError.self) { try refusing.append([1], targets: [1, 1, 0]) }
    #expect(throws: SibylError.self) { try refusing.append([1], targets: [.nan, 1, 0]) }
    #expect(throws: SibylError.self) { try refusing.append([1], label: 3) }
    #expect(throws: SibylError.self) { try refusing.append([], label: 0) }
  }
}
