import Diagnostics
import Functions
import Testing
import Threads

/// The groups of an aggregate function on their way through the evaluator.
@Suite struct GroupBatchTests {
  private let evaluator = RecordingFunction.evaluator()
  private let batches = Guarded<[[[String]]]>([])

  /// `ai_join_agg(text[, options])`: the texts, one after the other.
  private var aggregate: AIAggregate {
    AIAggregate(
      name: "ai_join_agg", summary: "Joins.", text: "A text.",
      parameters: [
        .json("options", "Options.", default: .null, expected: "a JSON object") { json throws(SibylError) in
          json.serialized()
        }
      ], returns: .text, model: .fixed("minilm")
    ) { [batches] (_, calls) throws(SibylError) in
      batches.withLock { $0.append(calls.map { $0.texts(0) }) }
      return calls.map { .success(.text($0.texts(0).joined(separator: "+"))) }
    }
  }

  @Test func groupsAreComputedTogetherAndKept() throws {
    let function = aggregate.function
    let groups = [["a", "b"], ["c"], ["b", "a"], ["a", "b"], ["ab"]]
    let collector = Collector(evaluator: evaluator)
    for group in groups { #expect(try collector.valueOrRecord(function, [TextList(group).value]) == nil) }
    #expect(collector.pendingCount == 4 && collector.counts.distinct == 4)
    try collector.computePending()
    // One batch; the order of a group's rows and where one ends make another group.
    #expect(batches.withLock { $0 } == [[["a", "b"], ["c"], ["b", "a"], ["ab"]]])
    for group in groups {
      #expect(
        try collector.valueOrRecord(function, [TextList(group).value]) == .text(group.joined(separator: "+")))
    }
    #expect(batches.withLock { $0.count } == 1)
    // Another option is another answer.
    _ = evaluator.evaluate(function, [[TextList(["c"]).value, .text("{}")], [TextList(["c"]).value]])
    #expect(batches.withLock { $0.count } == 2)
  }

  /// A collector's budget counts the rows of a group.
  @Test func bigGroupsFillTheBudget() throws {
    let collector = Collector(evaluator: evaluator)
    let half = Collector.pendingByteLimit / 2
    for letter in ["x", "y"] {
      #expect(!collector.isFull)
      let big = TextList([String(repeating: letter, count: half), "z"]).value
      _ = try collector.valueOrRecord(aggregate.function, [big])
    }
    #expect(collector.pendingBytes >= 2 * half && collector.isFull)
  }
}
