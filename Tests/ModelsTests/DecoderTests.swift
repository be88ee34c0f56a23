import Diagnostics
import Foundation
import JSON
import ModelFiles
import Models
import Tensor
import TestSupport
import Testing
import Tokenization

@Suite("Tiny decoders of each architecture")
struct DecoderTests {
  static func tokens(_ count: Int, seed: UInt64, below size: Int) -> [Int32] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Int32.random(in: 0..<Int32(size), using: &generator) }
  }

  /// In f32 all digits that matter; in the other precisions what their rounding leaves of a tiny random model.
  @Test(arguments: DecoderFixture.names, [(Precision.f32, 1e-4), (.bf16, 0.06), (.int8, 0.1)])
  func computesWhatLlamaCppComputes(name: String, precision: (Precision, tolerance: Double)) throws {
    let models = try #require(DecoderFixture.reference()["models"]?.arrayValue)
    let model = try #require(models.first { $0["name"]?.stringValue == name })
    let decoder = try DecoderFixture.decoder(name, precision.0)
    let found = try DecoderFixture.logits(decoder, DecoderFixture.integers(model["tokens"]))
    let rows = try #require(model["rows"]?.arrayValue)
    #expect(rows.count == 4)
    for row in rows {
      let expected = DecoderFixture.floats(row["logits"])
      let logits = found[try #require(row["row"]?.integerValue)]
      try #require(expected.count == logits.count && !expected.isEmpty)
      let error = zip(expected, logits).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      let size = expected.reduce(0) { $0 + Double($1 * $1) }
      #expect((error / size).squareRoot() < precision.tolerance, "row \(row["row"] as Any)")
    }
  }

  /// The same bits, however a text is cut into steps and whoever else is in the batch.
  @Test(arguments: DecoderFixture.names, [[1], [5, 64, 1, 1, 30], [97, 3]])
  func stepsDoNotMatter(name: String, steps: [Int]) throws {
    let decoder = try DecoderFixture.decoder(name, .int8)
    let tokens = Self.tokens(150, seed: 1, below: decoder.configuration.vocabularySize)
    let whole = try DecoderFixture.logits(decoder, tokens)
    #expect(try DecoderFixture.logits(decoder, tokens, steps: steps) == whole)
    #expect(whole.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  @Test(arguments: DecoderFixture.names, [1, 2, 3, 4])
  func neighboursAndThreadsDoNotMatter(name: String, cores: Int) throws {
    let decoder = try DecoderFixture.decoder(name, .int8)
    let size = decoder.configuration.vocabularySize
    let texts = (0..<11).map { Self.tokens(1 + 13 * $0 % 90, seed: UInt64($0), below: size) }
    let alone = try texts.map { try DecoderFixture.logits(decoder, $0) }
    let cache = try DecoderFixture.cache(decoder)
    let state = try decoder.makeState(tokenCapacity: 1024, logitCapacity: 1024)
    state.team = cores > 1 ? ThreadTeam(cores: cores) : nil
    let sequences = texts.map { _ in cache.makeSequence() }
    // First all but the last token of each, of different lengths; then the last one of all.
    var found = [[[Float]]](repeating: [], count: texts.count)
    for isLast in [false, true] {
      var batch = DecoderBatch()
      var ranges = [Range<Int>](repeating: 0..<0, count: texts.count)
      for index in texts.indices.shuffled() {
        let tokens = isLast ? texts[index].suffix(1) : texts[index].dropLast()
        if !tokens.isEmpty { ranges[index] = batch.append(tokens, to: sequences[index], logits: .all) }
      }
      try decoder(batch, state)
      for index in texts.indices { found[index] += ranges[index].map { Array(state[logits: $0]) } }
    }
    #expect(found == alone)
  }

  @Test func logitsComeForTheRowsThatWereAskedFor() throws {
    let decoder = try DecoderFixture.decoder("llama", .int8)
    let tokens = Self.tokens(20, seed: 3, below: 100)
    let all = try DecoderFixture.logits(decoder, tokens)
    let cache = try DecoderFixture.cache(decoder)
    let state = try decoder.makeState(tokenCapacity: 64, logitCapacity: 24)
    var batch = DecoderBatch()
    #expect(batch.append(tokens, to: cache.makeSequence(), logits: .none).isEmpty)
    #expect(batch.append(tokens, to: cache.makeSequence(), logits: .last) == 0..<1)
    #expect(batch.append(tokens, to: cache.makeSequence(), logits: .all) == 1..<21)
    try decoder(batch, state)
    #expect(Array(state[logits: 0]) == all[19])
    #expect((1..<21).map { Array(state[logits: $0]) } == all)
    #expect(state[logits: -1].isEmpty)
    #expect(state[logits: 24].isEmpty)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let decoder = try DecoderFixture.decoder("llama", .int8)
    let cache = try DecoderFixture.cache(decoder)
    let state = try decoder.makeState(tokenCapacity: 300, logitCapacity: 2)
    let sequence = cache.makeSequence()
    func attempt(_ tokens: [Int32], logits: DecoderBatch.Logits = .last) -> SibylError? {
      var batch = DecoderBatch()
      batch.append(tokens, to: sequence, logits: logits)
      do throws(SibylError) { try decoder(batch, state) } catch { return error }
      return nil
    }
    #expect(attempt([5, 100])?.message.contains("token 100 is not in the model's vocabulary of 100") == true)
    #expect(attempt([-1])?.kind == .invalidArgument)
    #expect(attempt([Int32](repeating: 1, count: 257))?.message.contains("the model's 256 tokens") == true)
    #expect(attempt([1, 2, 3], logits: .all)?.kind == .internalFault)
    #expect(sequence.length == 0)
    #expect(attempt([Int32](repeating: 1, count: 256)) == nil)
    #expect(attempt([1])?.kind == .invalidArgument)
    #expect(sequence.length == 256)
    var twice = DecoderBatch()
    let other = cache.makeSequence()
    twice.append([1], to: other)
    twice.append([2], to: other)
    #expect(throws: SibylError.self) { try decoder(twice, state) }
    var empty = DecoderBatch()
    empty.append([], to: other)
    try decoder(empty, state)
    empty.append([1], to: cache.makeSequence())
    #expect(throws: SibylError.self) { try decoder(empty, state) }
    // Another model's cache.
    let stranger = try DecoderFixture.cache(DecoderFixture.decoder("qwen3", .int8)).makeSequence()
    var wrong = DecoderBatch()
    wrong.append([1], to: stranger)
    #expect(throws: SibylError.self) { try decoder(wrong, state) }
  }
}

@Suite(
  "SmolLM2 as a decoder",
  .enabled(if: SmolLM2.model != nil, "SKIPPED: no SmolLM2. Run `sibyl models pull smollm2`."))
struct SmolLM2Tests {
  @Test func computesWhatLlamaCppComputes() throws {
    let file = try #require(SmolLM2.model).gguf()
    let tokenizer = try BytePairTokenizer(file)
    let decoder = try LlamaDecoder(file, precision: .f32)
    for text in try #require(DecoderFixture.reference()["smollm2"]?.arrayValue) {
      let tokens = DecoderFixture.integers(text["tokens"])
      #expect(tokenizer.encode(try #require(text["text"]?.stringValue), parsesControlTokens: true) == tokens)
      let continuation = DecoderFixture.integers(text["continuation"])
      let logits = try DecoderFixture.logits(decoder, tokens + continuation)
      #expect(logits.prefix(tokens.count).map(DecoderFixture.best) == DecoderFixture.integers(text["each"]))
      #expect(logits.dropFirst(tokens.count - 1).prefix(16).map(DecoderFixture.best) == continuation)
      let expected = DecoderFixture.floats(text["logits"])
      let likeliest = DecoderFixture.integers(text["likeliest"])
      for (token, value) in zip(likeliest, expected) {
        #expect(abs(logits[tokens.count - 1][Int(token)] - value) <= 1e-3 * abs(value))
      }
    }
  }

  /// int8 agrees with the f32 reference nearly everywhere; how nearly is measured by `make bench`.
  @Test func int8IsCloseToFloats() throws {
    let decoder = try LlamaDecoder(#require(SmolLM2.model).gguf(), precision: .int8)
    var agreeing = 0
    var total = 0
    for text in try #require(DecoderFixture.reference()["smollm2"]?.arrayValue) {
      let tokens = DecoderFixture.integers(text["tokens"])
      let continuation = DecoderFixture.integers(text["continuation"])
      let expected = DecoderFixture.integers(text["each"]) + continuation.dropFirst()
      let found = try DecoderFixture.logits(decoder, tokens + continuation).map(DecoderFixture.best)
      agreeing += zip(expected, found).count { $0 == $1 }
      total += expected.count
    }
    #expect(Double(agreeing) >= 0.95 * Double(total), "\(agreeing) of \(total)")
  }
}

enum SmolLM2 {
  static let model = try? ModelStore().model(named: "smollm2")
}
