import Diagnostics
import JSON
import Sampling
import TestSupport
import Testing
import Tokenization

@Suite("Answers under a JSON schema")
struct JSONConstraintTests {
  /// Lets a random model answer to random schemas, with as few tokens as must do and with more.
  private func answers(
    _ vocabulary: ConstraintVocabulary, _ tokenizer: BytePairTokenizer, seeds: Range<UInt64>
  ) throws {
    var wholeAtTheLimit = 0
    for seed in seeds {
      var schemas = RandomSchema(seed: seed)
      let json = schemas.schema()
      let constraint = try Constraint(JSONSchema(json), vocabulary)
      var model = RandomModel(seed: seed &+ 1, vocabularySize: tokenizer.vocabularySize)
      for extra in [0, 1, 2, 7, 40] {
        let limit = max(1, constraint.leastTokens + extra)
        let (answer, state) = try model.answer(
          constraint, tokenizer, maximumTokens: limit, usesForcedTokens: (seed + UInt64(extra)) % 2 == 0)
        #expect(state.canEnd && answer.tokens.count <= limit, "seed \(seed), \(limit) tokens: \(answer.text)")
        if answer.tokens.count == limit { wholeAtTheLimit += 1 }
        do {
          let value = try JSON.parse(answer.text)
          #expect(SchemaCheck.follows(value, json), "seed \(seed): \(answer.text) does not follow \(json)")
        } catch {
          Issue.record("seed \(seed): \(answer.text.debugDescription) for \(json): \(error)")
        }
      }
    }
    #expect(wholeAtTheLimit > seeds.count)
  }

  @Test("Every answer is JSON, follows its schema and keeps to its tokens: byte-level vocabulary")
  func byteLevel() throws {
    try answers(Vocabularies.byteLevel(), Vocabularies.file("bpe-bytes.gguf"), seeds: 0..<500)
  }

  @Test("Every answer is JSON, follows its schema and keeps to its tokens: SentencePiece vocabulary")
  func pieces() throws {
    try answers(Vocabularies.pieces(), Vocabularies.file("bpe-pieces.gguf"), seeds: 1_000..<1_300)
  }

  @Test(
    "Every answer is JSON, follows its schema and keeps to its tokens: SmolLM2's vocabulary",
    .enabled(if: Vocabularies.smolLM2 != nil, Comment(rawValue: Vocabularies.absence)))
  func smolLM2() throws {
    let tokenizer = try Vocabularies.file(#require(Vocabularies.smolLM2))
    try answers(ConstraintVocabulary(tokenizer), tokenizer, seeds: 2_000..<2_060)
  }

  @Test("A mask holds just the tokens that may follow and leave enough of them to finish")
  func masks() throws {
    for (tokenizer, seeds) in [
      (try Vocabularies.file("bpe-bytes.gguf"), UInt64(0)..<60),
      (try Vocabularies.file("bpe-pieces.gguf"), 100..<130),
      // Without continuation bytes no token may end inside a scalar.
      (try Vocabularies.ascii(["Ã", "ï", "ab", "\",", "Ã©", "\"}"]), 200..<230),
    ] {
      let vocabulary = try ConstraintVocabulary(tokenizer)
      let endsInside = { (id: Int32) in
        tokenizer.vocabularySize < 200 && String(validating: tokenizer.bytes(of: id), as: UTF8.self) == nil
      }
      for seed in seeds {
        var schemas = RandomSchema(seed: seed)
        let json = schemas.schema()
        guard let constraint = try? Constraint(JSONSchema(json), vocabulary) else {
          // A vocabulary of ASCII cannot spell every name.
          #expect(seeds.lowerBound == 200)
          continue
        }
        var model = RandomModel(seed: seed, vocabularySize: tokenizer.vocabularySize)
        var steps = 0
        _ = try model.answer(
          constraint, tokenizer, maximumTokens: max(1, constraint.leastTokens + Int(seed % 7) * 4),
          usesForcedTokens: false
        ) { state, mask, tokensLeft in
          steps += 1
          guard steps % 3 == 1 else { return }
          let wanted = (0..<Int32(tokenizer.vocabularySize)).filter { id in
            var next = state
            return next.advance(id) && next.closingTokens < max(tokensLeft, state.closingTokens)
              && (!endsInside(id) || next.isComplete)
          }
          // Not compared inside the macro, which would work out how two long lists differ.
          let isRight = mask.tokens == wanted
          #expect(isRight, "seed \(seed), step \(steps), \(tokensLeft) tokens left")
          #expect(!mask.isEmpty && mask.count == wanted.count)
        }
      }
    }
  }

  @Test("What can only follow is added in the tokenizer's own cut")
  func forcedTokens() throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let vocabulary = try ConstraintVocabulary(tokenizer)
    let constraint = try Constraint(
      JSONSchema([
        "type": "object", "properties": ["name": ["type": "string"], "ok": ["type": "boolean"]],
        "required": ["name", "ok"],
      ]), vocabulary)
    var state = ConstraintState(constraint)
    let first = state.forcedTokens(tokensLeft: 100)
    #expect(tokenizer.decode(first) == #"{"name": ""#)
    #expect(first == tokenizer.encode(#"{"name": ""#))
    state.expect(first)
    #expect(state.forcedTokens(tokensLeft: 100).isEmpty)
    state.expect(tokenizer.encode("Ann\""))
    let second = state.forcedTokens(tokensLeft: 100)
    #expect(#", "ok": "#.hasPrefix(tokenizer.decode(second)) && second.count > 2)
    // Not where the tokenizer's cut takes more tokens than are left.
    #expect(state.forcedTokens(tokensLeft: state.closingTokens).count <= second.count)
    state.expect(tokenizer.encode(#", "ok": true}"#))
    #expect(state.isComplete && state.canEnd && state.forcedTokens(tokensLeft: 9).isEmpty)
  }

  /// Whether an answer, byte by byte, is whole under a schema.
  private func accepts(
    _ text: String, _ schema: JSON, _ vocabulary: ConstraintVocabulary, _ bytes: [UInt8: Int32]
  )
    throws -> Bool
  {
    var state = ConstraintState(try Constraint(JSONSchema(schema), vocabulary))
    for byte in text.utf8 {
      guard let token = bytes[byte], state.advance(token) else { return false }
    }
    return state.canEnd
  }

  private func singleBytes(_ tokenizer: BytePairTokenizer) -> [UInt8: Int32] {
    var tokens: [UInt8: Int32] = [:]
    for id in 0..<Int32(tokenizer.vocabularySize) where tokenizer.kind(of: id) != .control {
      let bytes = tokenizer.bytes(of: id)
      if bytes.count == 1, let byte = bytes.first { tokens[byte] = id }
    }
    return tokens
  }

  @Test("What may be written, and what may not")
  func acceptedTexts() throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let vocabulary = try ConstraintVocabulary(tokenizer)
    let bytes = singleBytes(tokenizer)
    let object: JSON = [
      "properties": [
        "a": ["type": "integer"], "b": ["type": "string", "maxLength": 3], "c": ["type": "null"],
      ],
      "required": ["b"],
    ]
    let cases: [(JSON, yes: [String], no: [String])] = [
      (
        object, [#"{"b": "x"}"#, #"{"a": -7, "b": "é日\n"}"#, #"{"b": "", "c": null}"#],
        [
          #"{}"#, #"{"a": 1}"#, #"{"c": null}"#, #"{"b": "abcd"}"#, #"{"b": "x","c": null}"#,
          #"{"b": "x", "a": 1}"#,
          #"{"b": "x", }"#, #"{"b": "\u0041"}"#, #"{"b": "\x"}"#, "{\"b\": \"\n\"}", #"{"a": -0, "b": ""}"#,
          #"{"a": 01, "b": ""}"#, #"{"a": 1.0, "b": ""}"#, #" {"b": ""}"#,
        ]
      ),
      (
        ["type": "number"], ["0", "-0.5", "123456.25", "-1"],
        ["", "-", "1.", ".5", "1e5", "00", "1.2345678", "+1"]
      ),
      (
        ["type": "number", "minimum": 0, "maximum": 1], ["0", "1", "0.5", "0.000001", "1.0"],
        ["-0", "1.1", "2", "-1"]
      ),
      (
        ["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1], ["0.05", "0.099999"],
        ["0", "0.1", "0.0"]
      ),
      (
        ["type": "array", "items": ["type": "boolean"], "maxItems": 2], ["[]", "[true, false]"],
        ["[true,false]", "[true, true, true]", "[,]"]
      ),
      (
        ["enum": ["a", "ab", 1, 12, 1.5, nil, true]], [#""a""#, #""ab""#, "1", "12", "1.5", "null", "true"],
        ["a", #""abc""#, "2", "1.", "t"]
      ),
      (
        ["anyOf": [["type": "string"], ["type": "null"], object]], [#""""#, "null", #"{"b": ""}"#],
        ["1", "nul"]
      ),
      (["type": ["integer", "null"]], ["null", "3", "-3"], ["3.5", "nu"]),
      (["type": "object"], ["{}"], [#"{"a": 1}"#]),
    ]
    for (schema, yes, no) in cases {
      for text in yes { #expect(try accepts(text, schema, vocabulary, bytes), "\(schema) takes \(text)") }
      for text in no { #expect(try !accepts(text, schema, vocabulary, bytes), "\(schema) refuses \(text)") }
    }
  }

  @Test("Whole numbers between bounds are just those between them")
  func wholeNumbers() throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let vocabulary = try ConstraintVocabulary(tokenizer)
    let bytes = singleBytes(tokenizer)
    for (least, most) in [
      (0, 9), (-5, 5), (7, 7), (95, 130), (-130, -95), (-1, 1_000), (10, 10), (-99, -99), (1, 99),
    ] {
      let schema: JSON = [
        "type": "integer", "minimum": .integer(Int64(least)), "maximum": .integer(Int64(most)),
      ]
      for number in -160...160 {
        let isInside = (least...most).contains(number)
        #expect(
          try accepts(String(number), schema, vocabulary, bytes) == isInside,
          "\(number) in \(least)...\(most)")
      }
    }
  }

  @Test("Long strings of a large vocabulary end where their schema says", arguments: [1, 2, 5, 30])
  func boundedStrings(most: Int) throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let constraint = try Constraint(
      JSONSchema(["type": "string", "minLength": 1, "maxLength": .integer(Int64(most))]),
      ConstraintVocabulary(tokenizer))
    for seed in UInt64(0)..<40 {
      var model = RandomModel(seed: seed, vocabularySize: tokenizer.vocabularySize)
      let (answer, _) = try model.answer(constraint, tokenizer, maximumTokens: 200, usesForcedTokens: false)
      let count = try JSON.parse(answer.text).stringValue?.unicodeScalars.count
      #expect((1...most).contains(count ?? 0))
    }
  }

  @Test("With fewer tokens than it takes, an answer goes the shortest way, and the caller is told before")
  func tooFewTokens() throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let constraint = try Constraint(
      JSONSchema(["type": "array", "items": ["const": "abc"], "minItems": 3]), ConstraintVocabulary(tokenizer)
    )
    #expect(throws: SibylError.self) { try constraint.check(maximumTokens: constraint.leastTokens - 1) }
    try constraint.check(maximumTokens: constraint.leastTokens)
    var state = ConstraintState(constraint)
    var mask = TokenMask(vocabularySize: 0)
    var count = 0
    while !state.isComplete, count < 100 {
      state.fill(&mask, tokensLeft: 1)
      state.expect([try #require(mask.first)])
      count += 1
    }
    #expect(count <= constraint.leastTokens)
  }

  @Test("A vocabulary that cannot spell ASCII is refused")
  func poorVocabulary() throws {
    let tokens = ByteStrings(["a", "b", "\""])
    let tokenizer = try BytePairTokenizer(
      BytePairVocabulary(
        scheme: .byteLevel(.gpt2, merges: ByteStrings([String]())), tokens: tokens,
        kinds: [.normal, .normal, .normal]), source: "test")
    #expect(throws: SibylError.self) { try ConstraintVocabulary(tokenizer) }
  }
}
