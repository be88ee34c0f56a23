import Diagnostics
import Functions
import ResultCache
import TestSupport
import Testing

/// Batches, the cache, and the two ways into a call. The functions name the model minilm, whose digest is
/// part of the keys, so it must be installed (`make models`); it is not run.
@Suite struct EvaluatorTests {
  private let recording = RecordingFunction()
  private let evaluator = RecordingFunction.evaluator()

  @Test func equalCallsAreComputedOnceAndKept() {
    let function = recording.function()
    let calls: [[Value]] = [[.text("a")], [.text("b")], [.text("a")], [.null], [.integer(5)], [.text("5")]]
    let expected: [Value] = [
      .text("a - 3"), .text("b - 3"), .text("a - 3"), .null, .text("5 - 3"), .text("5 - 3"),
    ]
    #expect(evaluator.evaluate(function, calls).map(\.value) == expected)
    #expect(recording.computed.map { $0.map { $0[0] } } == [[.text("a"), .text("b"), .text("5")]])
    #expect(evaluator.evaluate(function, calls).map(\.value) == expected)
    #expect(recording.computed.count == 1)
  }

  @Test func errorsAreNotKept() throws {
    let function = recording.function()
    let calls: [[Value]] = [[.text("fail 1")], [.text("good")], [.blob([])]]
    for turn in 1...2 {
      let results = evaluator.evaluate(function, calls)
      #expect(results[0].message == "echo: does not like fail 1")
      #expect(results[1].value == .text("good - 3"))
      #expect(results[2].message?.contains("argument 1 (text)") == true)
      #expect(recording.computed.count == turn)
    }
    #expect(try #require(recording.computed.last).count == 1)
  }

  @Test func equalJSONIsOneCallAndDifferentJSONIsAnotherBatch() {
    let function = recording.function()
    let calls: [[Value]] = [
      [.text("x"), .text(#"{"a":1,"b":2}"#)], [.text("y"), .text(#"{"c":3}"#)],
      [.text("x"), .text(#"{ "b": 2, "a": 1 }"#)], [.text("z"), .text(#"{"a":1,"b":2}"#)],
    ]
    let results = evaluator.evaluate(function, calls).map(\.value)
    #expect(results[0] == results[2])
    #expect(results[1] == .text(#"y {"c":3} 3"#))
    #expect(recording.computed.count == 2)
    #expect(recording.computed.map(\.count).sorted() == [1, 2])
  }

  @Test func cachedNullIsAnAnswer() {
    let function = recording.function()
    #expect(evaluator.evaluate(function, [[.text("")]])[0].value == .null)
    #expect(evaluator.evaluate(function, [[.text("")]])[0].value == .null)
    #expect(recording.computed.count == 1)
  }

  @Test func finishIsAppliedToCachedAnswersToo() {
    let function = recording.function(finish: true)
    for _ in 1...2 { #expect(evaluator.evaluate(function, [[.text("a")]])[0].value == .text("a - 3!")) }
    #expect(recording.computed.count == 1)
    #expect(evaluator.evaluate(recording.function(), [[.text("a")]])[0].value == .text("a - 3"))
    #expect(recording.computed.count == 1)
  }

  @Test func aMissingModelIsTold() {
    let function = recording.function(model: .fixed("not-installed"))
    let message = evaluator.evaluate(function, [[.text("a")]])[0].message ?? ""
    #expect(
      message.hasPrefix("echo: the model \"not-installed\" is not installed; install it with: sibyl models"))
    #expect(recording.computed.isEmpty)
  }

  /// A call that is looked up by the database's own bytes has the same key as one that is checked and copied.
  @Test func bothWaysIntoACallAgree() throws {
    var random = SeededGenerator(seed: 11)
    let texts = ["a", "", "ä", "a\u{308}", "a\0b", String(repeating: "long ", count: 300), "42", "fail"]
    let options = [#"{"k":1}"#, #"{ "k" : 1 }"#, #"{"k":"é"}"#, "{\"k\":\"e\u{301}\"}", "[1]", "{"]
    let function = recording.function()
    let site = CallSite(function, evaluator: evaluator)
    for _ in 0..<2000 {
      var values: [Value] = [.text(texts[Int(random.next() % UInt64(texts.count))])]
      switch random.next() % 8 {
      case 0: values = [.integer(42)]
      case 1: values = [.null]
      case 2: values = [.blob([1])]
      default: break
      }
      if random.next() % 2 == 0 {
        let isNull = random.next() % 4 == 0
        values.append(isNull ? .null : .text(options[Int(random.next() % UInt64(options.count))]))
        if random.next() % 2 == 0 {
          values.append([.null, .integer(3), .integer(4), .real(4), .text("4")][Int(random.next() % 5)])
        }
      }
      let fresh = Result { () throws(SibylError) in
        try CallSite(function, evaluator: evaluator).answer(values)
      }
      let computed = recording.computed.count
      let raw = Self.withRawArguments(values) { arguments in
        Result { () throws(SibylError) in try site.answer(arguments, host: NoHost()) }
      }
      #expect(raw == fresh)
      if case .success = fresh {
        #expect(recording.computed.count == computed, "\(values) was computed twice")
      }
    }
  }

  /// Lends values as a database does.
  static func withRawArguments<Answer>(
    _ values: [Value], _ body: (UnsafeBufferPointer<RawArgument>) -> Answer
  ) -> Answer {
    var storage: [[UInt8]] = []
    for value in values {
      switch value {
      case .text(let text): storage.append(Array(text.utf8))
      case .blob(let bytes): storage.append(bytes)
      default: storage.append([])
      }
    }
    func lend(_ position: Int, _ lent: [RawArgument]) -> Answer {
      guard position < values.count else { return lent.withUnsafeBufferPointer(body) }
      return storage[position].withUnsafeBytes { bytes in
        let argument: RawArgument =
          switch values[position] {
          case .null: .null
          case .integer(let number): .integer(number)
          case .real(let number): .real(number)
          case .text: .text(bytes)
          case .blob: .blob(bytes)
          }
        return lend(position + 1, lent + [argument])
      }
    }
    return lend(0, [])
  }
}
