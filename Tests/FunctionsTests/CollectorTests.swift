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
    #expect(collector.counts.calls == 5)
    #expect(
      [
        collector.counts.distinct, collector.counts.cached, collector.counts.computed,
        collector.counts.failed,
      ] == [3, 1, 2, 0])
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
    #expect(collector.counts.failed >= 1 && collector.counts.computed == 0)
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
    #expect(collector.counts.calls == 0)
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
      try collector.computePending(progress: { _, _ in slices += 1 }, isCancelled: { slices >= 1 })
    }
    // What was done stays; the rest is noted again by the next pass.
    var missing = 0
    for number in 0..<count where try collector.valueOrRecord(function, [.integer(Int64(number))]) == nil {
      missing += 1
    }
    #expect(missing > 0 && missing < count)
    #expect(missing == count - collector.counts.computed)
    try collector.computePending()
    #expect(collector.counts.computed == count)
  }

  // MARK: Budgets

  @Test func aBudgetOfCallsEndsTheWork() throws {
    let function = recording.function()
    let collector = Collector(evaluator: evaluator)
    let meter = BudgetMeter(WorkBudget(maximumCalls: 70))
    for number in 0..<100 { _ = try collector.valueOrRecord(function, [.integer(Int64(number))]) }
    #expect(try collector.computePending(budget: meter) == .calls)
    #expect(collector.counts.computed == 70)
    #expect(recording.computed.flatMap { $0 }.count == 70)
    // It is one budget, however often the work is begun.
    #expect(try collector.valueOrRecord(function, [.text("one more")]) == nil)
    #expect(try collector.computePending(budget: meter) == .calls)
    #expect(collector.counts.computed == 70)
    // A budget that is just enough is not spent.
    let enough = BudgetMeter(WorkBudget(maximumCalls: 31))
    collector.beginPass()
    for number in 0..<100 { _ = try collector.valueOrRecord(function, [.integer(Int64(number))]) }
    #expect(try collector.valueOrRecord(function, [.text("one more")]) == nil)
    #expect(try collector.computePending(budget: enough) == nil)
    #expect(collector.counts.computed == 101)
  }

  @Test func aBudgetOfNoTimeComputesNothing() throws {
    let function = recording.function()
    let collector = Collector(evaluator: evaluator)
    for number in 0..<100 { _ = try collector.valueOrRecord(function, [.integer(Int64(number))]) }
    #expect(
      try collector.computePending(budget: BudgetMeter(WorkBudget(maximumSeconds: 1e-9))) == .seconds)
    #expect(collector.counts.computed == 0 && recording.computed.isEmpty)
  }

  // MARK: Surveys

  @Test func aSurveyCountsAndComputesOnlyASample() throws {
    let function = recording.function()
    _ = evaluator.evaluate(function, [[.text("known")]])
    let survey = CallSurvey(isExact: false)
    let collector = Collector(evaluator: evaluator, survey: survey)
    collector.beginPass()
    #expect(try collector.valueOrRecord(function, [.text("known")]) == .text("known - 3"))
    for number in 0..<3_000 {
      #expect(try collector.valueOrRecord(function, [.text("text number \(number % 2_000)")]) == nil)
    }
    collector.endPass()
    #expect(collector.pendingCount == 0)
    let estimate = try CostEstimate(
      survey, counts: collector.countsPerFunction, evaluator: evaluator, isCancelled: { false })
    #expect([estimate.calls, estimate.distinct, estimate.cached] == [3_001, 2_001, 1])
    #expect(estimate.total.calls == 2_000)
    #expect(recording.computed.flatMap { $0 }.count < 600)
    // Three words; a number of one to four digits is one token up to three and more beyond.
    let tokens = estimate.total.tokens
    #expect(tokens.value >= 3 * 2_000 && tokens.value <= 6 * 2_000)
    #expect(tokens.error > 0 && tokens.error < 1_000)

    let exact = CallSurvey(isExact: true)
    let counting = Collector(evaluator: RecordingFunction.evaluator(), survey: exact)
    for number in 0..<2_000 { _ = try counting.valueOrRecord(function, [.text("text number \(number)")]) }
    let whole = try CostEstimate(
      exact, counts: counting.countsPerFunction, evaluator: evaluator, isCancelled: { false })
    #expect(whole.total.tokens.error == 0)
    #expect(abs(whole.total.tokens.value - tokens.value) <= 2 * tokens.error)
  }
}
