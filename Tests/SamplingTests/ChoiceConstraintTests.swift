import Diagnostics
import Sampling
import TestSupport
import Testing
import Tokenization

@Suite("Answers that are one of some choices")
struct ChoiceConstraintTests {
  private static let lists = [
    ["yes", "no"], ["positive", "negative", "neutral"], ["a", "ab", "abc"], ["größer", "groß", "grün"],
    ["日本", "日没", "é", "è"], ["  spaces ", "\"quoted\"", "line\nbreak"], ["one"],
    (0..<300).map { "label \($0)" },
  ]

  @Test(
    "Every answer is a choice, and every choice can be the answer",
    arguments: ["bpe-bytes.gguf", "bpe-pieces.gguf"])
  func answers(file: String) throws {
    let tokenizer = try Vocabularies.file(file)
    let vocabulary = try ConstraintVocabulary(tokenizer)
    for (number, choices) in Self.lists.enumerated() {
      let constraint = try Constraint(choices: choices, vocabulary)
      var seen: Set<String> = []
      for seed in UInt64(0)..<60 {
        var model = RandomModel(seed: seed, vocabularySize: tokenizer.vocabularySize)
        let limit = constraint.leastTokens + Int(seed % 12)
        let (answer, _) = try model.answer(
          constraint, tokenizer, maximumTokens: max(1, limit), usesForcedTokens: seed % 2 == 0)
        #expect(
          choices.contains(answer.text), "list \(number), seed \(seed): \(answer.text.debugDescription)")
        #expect(answer.tokens.count <= max(1, limit))
        seen.insert(answer.text)
      }
      #expect(seen.count >= min(choices.count, 2))
      for choice in choices.prefix(40) {
        var state = ConstraintState(constraint)
        for byte in choice.utf8 {
          let token = (0..<Int32(tokenizer.vocabularySize)).first {
            tokenizer.kind(of: $0) != .control && tokenizer.bytes(of: $0).elementsEqual([byte])
          }
          guard let token else { break }
          state.expect([token])
        }
        #expect(state.canEnd || file == "bpe-pieces.gguf")
      }
    }
  }

  @Test("A whole choice ends, unless another one goes on from it")
  func ends() throws {
    let tokenizer = try Vocabularies.ascii()
    let vocabulary = try ConstraintVocabulary(tokenizer)
    let end = try #require(tokenizer.endID)
    var state = ConstraintState(try Constraint(choices: ["a", "abc"], vocabulary))
    var mask = TokenMask(vocabularySize: tokenizer.vocabularySize)
    func allowed(_ text: String) -> Bool { mask.contains(tokenizer.encode(text)[0]) }
    state.fill(&mask, tokensLeft: 10)
    #expect(allowed("a") && mask.count == 1 && mask.only == mask.first)
    #expect(state.forcedTokens(tokensLeft: 10) == tokenizer.encode("a"))
    state.expect(tokenizer.encode("a"))
    state.fill(&mask, tokensLeft: 10)
    #expect(allowed("b") && mask.contains(end) && mask.count == 2 && state.canEnd && !state.isComplete)
    #expect(state.forcedTokens(tokensLeft: 10).isEmpty)
    // One token is too few to finish the longer one, and the shorter one is whole.
    state.fill(&mask, tokensLeft: 1)
    #expect(mask.tokens == [end])
    var ended = state
    ended.expect([end])
    #expect(ended.isComplete)
    ended.expect(tokenizer.encode("b"), isRefused: true)
    state.expect(tokenizer.encode("c"), isRefused: true)
    state.expect(tokenizer.encode("b"))
    state.expect([end], isRefused: true)
    #expect(state.forcedTokens(tokensLeft: 10) == tokenizer.encode("c"))
    state.expect(tokenizer.encode("c"))
    #expect(state.isComplete)
    state.fill(&mask, tokensLeft: 10)
    #expect(mask.tokens == [end])
    state.expect([-1, .max, 0], isRefused: true)
  }

  @Test("Choices that are none are refused")
  func wrongChoices() throws {
    let vocabulary = try Vocabularies.byteLevel()
    for choices in [
      [], [""], ["a", "a"], [String(repeating: "x", count: 2_000)], (0..<2_000).map(String.init),
    ] {
      #expect(throws: SibylError.self) { try Constraint(choices: choices, vocabulary) }
    }
    // The same text in two forms is two choices.
    #expect(throws: Never.self) { try Constraint(choices: ["\u{E9}", "e\u{301}"], vocabulary) }
    let ascii = try ConstraintVocabulary(Vocabularies.ascii())
    #expect(throws: SibylError.self) { try Constraint(choices: ["é"], ascii) }
  }
}
