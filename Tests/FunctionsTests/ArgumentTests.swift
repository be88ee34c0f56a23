import Diagnostics
import Functions
import TestSupport
import Testing

/// What a call's arguments may be, and the words for those that they may not.
@Suite struct ArgumentTests {
  private let recording = RecordingFunction()
  private let evaluator = RecordingFunction.evaluator()

  private func call(_ values: Value...) -> Result<Value, SibylError> {
    let function = recording.function(isCached: false, model: .none)
    return evaluator.evaluate(function, [values])[0]
  }

  @Test func nullInARequiredArgumentIsNull() {
    #expect(call(.null).value == .null)
    #expect(call(.null, .text("no JSON at all")).value == .null)
    #expect(recording.computed.isEmpty)
  }

  @Test func defaultsFillIn() {
    #expect(call(.text("a")).value == .text("a - 3"))
    #expect(call(.text("a"), .null, .null).value == .text("a - 3"))
    #expect(call(.text("a"), .text("{}"), .integer(5)).value == .text("a {} 5"))
  }

  @Test(arguments: [
    (Value.integer(-17), "-17"), (.integer(.min), "-9223372036854775808"), (.real(1.5), "1.5"),
    (.real(2), "2.0"),
    (.real(0.1 + 0.2), "0.3"), (.real(1e20), "1.0e+20"), (.real(-1.25e-7), "-1.25e-07"),
    (.real(.infinity), "Inf"), (.real(123456789012345.0), "123456789012345.0"),
  ]) func numbersAreTheirText(number: Value, text: String) {
    #expect(call(number).value == .text("\(text) - 3"))
  }

  @Test func wholeNumbers() {
    #expect(call(.text("a"), .null, .real(4)).value == .text("a - 4"))
    for (value, shown) in [
      (Value.real(4.5), "the number 4.5"), (.text("4"), "text of 1 bytes"), (.real(.nan), "the number NULL"),
      (.real(1e300), "the number 1.0e+300"),
    ] {
      #expect(
        call(.text("a"), .null, value).message
          == "echo: argument 3 (count) must be a whole number; got \(shown)")
    }
  }

  @Test func blobsAreNoText() {
    #expect(
      call(.blob([1, 2])).message
        == "echo: argument 1 (text) must be text; got a blob of 2 bytes "
        + "(if the bytes are text, say CAST(text AS TEXT))")
  }

  @Test func jsonFaults() {
    #expect(
      call(.text("a"), .text("[1]")).message
        == "echo: argument 2 (options) must be a JSON object; got an array")
    let message = call(.text("a"), .text("{")).message ?? ""
    #expect(
      message.hasPrefix("echo: argument 2 (options) must be a JSON object; got text that is not JSON: "))
    #expect(
      call(.text("a"), .integer(1)).message
        == "echo: argument 2 (options) must be a JSON object; got the number 1")
  }

  @Test func arity() {
    #expect(
      call().message == "echo: takes 1 to 3 arguments, got 0; call it as echo(text[, options[, count]])")
    #expect(call(.null, .null, .null, .null).message?.contains("takes 1 to 3 arguments, got 4") == true)
  }

  @Test func textLimit() {
    let longest = String(repeating: "x", count: Limits.maximumTextBytes)
    #expect(call(.text(longest)).value != nil)
    #expect(
      call(.text(longest + "x")).message?.contains("must have at most 16777216 bytes; got 16777217") == true)
  }

  @Test func implementationFaultsAreToldByTheFunction() {
    #expect(call(.text("fail now")).message == "echo: does not like fail now")
  }

  /// Nothing that arrives as an argument may do more than fail.
  @Test func arbitraryArgumentsNeverTrap() {
    var random = SeededGenerator(seed: 7)
    let pieces: [Value] = [
      .null, .integer(.max), .integer(.min), .real(.nan), .real(-.infinity), .real(.greatestFiniteMagnitude),
      .text(""), .text("[\"a\",\"b\"]"), .text("{\"scores\":true}"), .text("\0"),
      .text("{\"examples\":[{}]}"),
      .blob([]), .blob([0]), .blob(Array(repeating: 0xFF, count: 8)),
      .text(String(repeating: "[", count: 5000)),
    ]
    // Functions whose implementation starts without a model, so that this stays quick.
    let names = ["ai_similarity", "ai_config", "ai_version", "ai_prefetch", "ai_cache_stats"]
    var answered = 0
    for _ in 0..<3000 {
      guard let function = Catalogue.function(named: names[Int(random.next() % 5)]) else { continue }
      let values = (0..<Int(random.next() % 4)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
      // Texts would ask for the model.
      if function.name == "ai_similarity",
        values.contains(where: { if case .blob = $0 { false } else { !$0.isNull } })
      {
        continue
      }
      answered += evaluator.evaluate(function, [values]).count
    }
    #expect(answered > 1000)
  }
}
