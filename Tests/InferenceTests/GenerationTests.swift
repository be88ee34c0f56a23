import Diagnostics
import Foundation
import Inference
import JSON
import Sampling
import Synchronization
import Testing
import Tokenization

@Suite("Generation")
struct GenerationTests {
  static let texts = (0..<90).map { "row \($0) says " + String(repeating: "the rain ", count: $0 % 7) }

  @Test func companyAndThreadsDoNotChangeAnAnswer() throws {
    let alone = try WriterFixture(cores: 1)
    defer { alone.engine.stop() }
    let prompts = try Self.texts.map(alone.prompt)
    let options = try alone.options()
    let expected = try prompts.flatMap { try alone.texts([$0], options) }
    #expect(Set(expected).count > 20)
    for cores in [1, 2, 3] {
      let fixture = try WriterFixture(cores: cores)
      defer { fixture.engine.stop() }
      for size in [1, 7, 90] {
        var found: [String] = []
        for start in stride(from: 0, to: prompts.count, by: size) {
          found += try fixture.texts(Array(prompts[start..<min(start + size, prompts.count)]), options)
        }
        #expect(found == expected, "\(cores) cores, \(size) prompts a call")
      }
    }
  }

  @Test func manyCallersShareABatch() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let prompts = try Self.texts.map(fixture.prompt)
    let options = try fixture.options(tokens: 8)
    let expected = try fixture.texts(prompts, options)
    let wrong = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { caller in
      for step in 0..<6 {
        let first = (caller * 11 + step * 5) % 80
        let count = step % 2 == 0 ? 1 : 10
        let found = try? fixture.texts(Array(prompts[first..<(first + count)]), options)
        if found != Array(expected[first..<(first + count)]) { wrong.add(1, ordering: .relaxed) }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func whatPromptsBeginWithIsReadOnce() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let instruction = String(repeating: "Say what the row is about. ", count: 4)
    let prompts = try Self.texts.map { try fixture.prompt(instruction + $0) }
    let shared = zip(prompts[0], prompts[1]).prefix { $0 == $1 }.count
    #expect(shared > 50)
    let options = try fixture.options(tokens: 1)
    _ = try fixture.texts(prompts, options)
    let first = fixture.generator.counters
    let total = prompts.reduce(0) { $0 + $1.count }
    #expect(first.sharedTokens >= shared * prompts.count)
    #expect(first.readTokens <= total - shared * (prompts.count - 1))
    #expect(first.writtenTokens == prompts.count)
    // The next call finds it, and so do calls of one prompt each.
    _ = try fixture.texts(Array(prompts.prefix(5)), options)
    for prompt in prompts.suffix(5) { _ = try fixture.texts([prompt], options) }
    let later = fixture.generator.counters
    #expect(later.sharedTokens - first.sharedTokens >= shared * 10)
  }

  /// One prompt after the other, as a query asks row by row.
  @Test func promptsOfCallsThatFollowShareToo() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let instruction = String(repeating: "Say what the row is about. ", count: 4)
    let prompts = try Self.texts.prefix(10).map { try fixture.prompt(instruction + $0) }
    let options = try fixture.options(tokens: 4)
    let expected = try fixture.texts(Array(prompts), options)
    let fresh = try WriterFixture()
    defer { fresh.engine.stop() }
    #expect(try prompts.flatMap { try fresh.texts([$0], options) } == expected)
    let shared = zip(prompts[0], prompts[1]).prefix { $0 == $1 }.count
    #expect(fresh.generator.counters.sharedTokens >= (shared / 32 * 32) * 9)
  }

  @Test func seedsDecideWhereATemperatureIsSet() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let prompts = try Self.texts.prefix(9).map(fixture.prompt)
    func written(_ seed: UInt64) throws -> [String] {
      try fixture.texts(Array(prompts), fixture.options(temperature: 1.5, seed: seed))
    }
    let first = try written(1)
    #expect(try written(1) == first)
    #expect(try written(2) != first)
    #expect(
      try prompts.flatMap { try fixture.texts([$0], fixture.options(temperature: 1.5, seed: 1)) } == first)
  }

  @Test func answersFollowTheirConstraint() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let vocabulary = try fixture.generator.constraintVocabulary()
    let prompts = try Self.texts.map(fixture.prompt)
    let choices = ["yes", "no", "perhaps", "yesterday"]
    let chosen = try fixture.texts(
      prompts, fixture.options(tokens: 12, Constraint(choices: choices, vocabulary)))
    #expect(chosen.allSatisfy(choices.contains))
    let schema = try JSONSchema(
      JSON.parse(
        #"{"type":"object","properties":{"a":{"type":"string","maxLength":6},"b":{"type":"integer"},"c":{"enum":["x","y"]}},"required":["a","b","c"]}"#
      ))
    let constraint = try Constraint(schema, vocabulary)
    for tokens in [constraint.leastTokens, constraint.leastTokens + 3, 80] {
      for text in try fixture.texts(prompts, fixture.options(tokens: tokens, constraint)) {
        let json = try JSON.parse(text)
        #expect((json["a"]?.stringValue?.count ?? 99) <= 6)
        #expect(json["b"]?.integerValue != nil)
        #expect(["x", "y"].contains(json["c"]?.stringValue ?? ""))
      }
    }
  }

  @Test func choicesAreJudgedAsWritten() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let prompts = try Self.texts.prefix(20).map(fixture.prompt)
    let choices = ["Yes", "No", "the other one"].map { fixture.generator.tokenizer.encode($0) }
    let scores = try fixture.generator.judge(Array(prompts), choices: choices).map { try $0.get() }
    for (prompt, together) in zip(prompts, scores) {
      #expect(try fixture.generator.judge([prompt], choices: choices)[0].get() == together)
      #expect(together.allSatisfy { $0 < 0 && $0 > -1_000 })
      // The last choice token by token: each is a choice of one token behind a longer prompt.
      var sum = 0.0
      for (place, token) in choices[2].enumerated() {
        sum += try fixture.generator.judge([prompt + choices[2].prefix(place)], choices: [[token]])[0].get()[
          0]
      }
      #expect(abs(sum - together[2]) < 1e-9)
    }
    #expect(throws: SibylError.self) { try fixture.generator.judge(Array(prompts), choices: []) }
    #expect(throws: SibylError.self) { try fixture.generator.judge(Array(prompts), choices: [[]]) }
  }

  @Test func stopsEndAnswers() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let prompt = try fixture.prompt(Self.texts[3])
    let whole = try fixture.texts([prompt], fixture.options(tokens: 40))[0]
    let stop = String(try #require(whole.dropFirst(5).first { $0.isASCII && $0.isLetter }))
    let place = try #require(whole.range(of: stop)?.lowerBound)
    let answer = try fixture.generator.write([prompt], options: fixture.options(tokens: 40, stops: [stop]))[0]
      .get()
    #expect(answer.text == String(whole[..<place]) && answer.finishReason == .stopString)
  }

  @Test func whatDoesNotFitIsToldForItsRowAlone() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let long = try fixture.prompt(String(repeating: "the rain ", count: 400))
    let short = try fixture.prompt("the rain")
    let found = try fixture.generator.write([short, long, []], options: fixture.options())
    #expect(throws: Never.self) { try found[0].get() }
    let message = #expect(throws: SibylError.self) { try found[1].get() }?.message ?? ""
    #expect(
      message.contains("but the model \"writer\" reads 512 in all; shorten the text or lower max_tokens"))
    #expect(throws: SibylError.self) { try found[2].get() }
  }

  @Test func cancelledCallsStop() throws {
    let fixture = try WriterFixture()
    defer { fixture.engine.stop() }
    let prompts = try (0..<2_000).map { try fixture.prompt("row \($0)") }
    let looks = Atomic<Int>(0)
    let answers = try fixture.generator.write(prompts, options: fixture.options(tokens: 200)) {
      looks.add(1, ordering: .relaxed).newValue > 2
    }
    // What was done is kept; the rest is given up.
    let failures = answers.compactMap { answer -> SibylError.Kind? in
      guard case .failure(let error) = answer else { return nil }
      return error.kind
    }
    #expect(answers.count == prompts.count)
    #expect(!failures.isEmpty && failures.allSatisfy { $0 == .cancelled })
    // The next one is served as ever.
    #expect(try fixture.texts([prompts[0]], fixture.options(tokens: 3)).count == 1)
  }
}
