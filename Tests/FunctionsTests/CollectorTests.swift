import Diagnostics
import Functions
import Testing

/// Replay's collecting mode.
@Suite struct CollectorTests {
  private let recording = RecordingFunction()
  private let evaluator = RecordingFunction.evaluator()

  @Test func notesComputesAndAnswers() throws {
    let function = recording.function()
    let collector = Collector(evaluator: evaluator)
    _ = evaluator.evaluate(function, [[.text("known")]])
    let texts: [Value] = [.text("a"), .text("b"), .text("known"), .text("a"), .null]
    var answers: [Value?] = []
    for text in texts { answers.append(try collector.valueOrRecord(function, [text])) }
    #expect(answers == [nil, nil, .text("known - 3"), nil, .null])
    #expect(collector.pendingCount == 2 && collector.pendingBytes > 0)
    #expect(recording.computed.count == 1)

    var progress: [[Int]] = []
    try collector.computePending(progress: { progress.append([$0, $1]) })
    #expect(progress == [[2, 2]])
    #expect(collector.pendingCount == 0 && collector.pendingBytes == 0)
    #expect(recording.computed.count == 2 && recording.computed[1].count == 2)

    collector.beginPass()
    answers = []
    for text in texts { answers.append(try collector.valueOrRecord(function, [text])) }
    #expect(answers == [.text("a - 3"), .text("b - 3"), .text("known - 3"), .text("a - 3"), .null])
    #expect(collector.pendingCount == 0)
    #expect(collector.calls == 5)
    #expect([collector.distinct, collector.cached, collector.computed, collector.failed] == [3, 1, 2, 0])
  }

  /// While collecting, a NULL may stand where an argument will be: faults are the statement's own affair, and a
  /// call that failed is not noted for ever.
  @Test func faultsAreNotThrownAndEnd() throws {
    let function = recording.function()
    let collector = Collector(evaluator: evaluator)
    for _ in 1...3 {
      #expect(try collector.valueOrRecord(function, [.text("fail")]) == nil)
      #expect(try collector.valueOrRecord(function, [.text("x"), .text("no JSON")]) == nil)
      try collector.computePending()
    }
    #expect(collector.pendingCount == 0)
    #expect(recording.computed.count == 1)
    #expect(collector.failed >= 1 && collector.computed == 0)
  }

  @Test func aMissingModelEndsTheJob() {
    let collector = Collector(evaluator: evaluator)
    #expect(throws: SibylError.self) {
      try collector.valueOrRecord(recording.function(model: .fixed("not-installed")), [.text("a")])
    }
  }

  @Test func cheapFunctionsAreEvaluatedAndVolatileOnesAreNot() throws {
    let collector = Collector(evaluator: evaluator)
    let cheap = recording.function(isCached: false, model: .none)
    #expect(try collector.valueOrRecord(cheap, [.text("a")]) == .text("a - 3"))
    #expect(collector.calls == 0)
    let config = try #require(Catalogue.function(named: "ai_config"))
    #expect(try collector.valueOrRecord(config, [.text("threads")]) == nil)
  }

  @Test func slicesAndCancelling() throws {
    let function = recording.function()
    let collector = Collector(evaluator: evaluator)
    let count = Collector.sliceSize + 100
    for number in 0..<count { _ = try collector.valueOrRecord(function, [.integer(Int64(number))]) }
    var slices = 0
    #expect(throws: SibylError.self) {
      try collector.computePending(progress: { _, _ in slices += 1 }, isCancelled: { slices == 1 })
    }
    // What was done stays; the rest is noted again by the next pass.
    var missing = 0
    for number in 0..<count where try collector.valueOrRecord(function, [.integer(Int64(number))]) == nil {
      missing += 1
    }
    #expect(missing == 100)
    try collector.computePending()
    #expect(collector.computed == count)
  }
}
