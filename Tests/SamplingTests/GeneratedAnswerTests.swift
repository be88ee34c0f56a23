import Diagnostics
import Sampling
import TestSupport
import Testing
import Tokenization

@Suite("Where answers end")
struct GeneratedAnswerTests {
  private func answer(
    _ tokens: [Int32], _ tokenizer: BytePairTokenizer, maximumTokens: Int = 100, stops: [String] = []
  ) throws -> GeneratedAnswer {
    var answer = GeneratedAnswer(
      try StopCondition(maximumTokens: maximumTokens, stops: stops), tokenizer: tokenizer)
    for token in tokens { answer.append(token) }
    return answer
  }

  @Test("End tokens and the most tokens end an answer; what comes behind is left out")
  func ends() throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let end = try #require(tokenizer.endIDs.first)
    let text = tokenizer.encode("The answer.")
    var one = try answer(text + [end] + text, tokenizer)
    #expect(one.text == "The answer." && one.finishReason == .endToken && one.tokens == text + [end])
    one = try answer(text + text, tokenizer, maximumTokens: text.count)
    #expect(one.text == "The answer." && one.finishReason == .maximumTokens && one.tokensLeft == 0)
    one = try answer(text, tokenizer)
    #expect(one.finishReason == nil && one.tokensLeft == 100 - text.count)
    #expect(try answer([-1, .max], tokenizer).text == "")
    #expect(
      try answer(Array(tokenizer.encode("é").prefix(1)), tokenizer).text.unicodeScalars.allSatisfy {
        $0 != "\u{FFFD}"
      })
  }

  @Test("Text before the first stop string stays, however the tokens cut it")
  func stopStrings() throws {
    let tokenizer = try Vocabularies.file("bpe-bytes.gguf")
    let bytes = (0..<Int32(tokenizer.vocabularySize)).filter { tokenizer.bytes(of: $0).count == 1 }
    func spell(_ text: String) -> [Int32] {
      text.utf8.compactMap { byte in
        bytes.first { tokenizer.bytes(of: $0).first == byte && tokenizer.kind(of: $0) == .normal }
      }
    }
    let cases: [(text: String, stops: [String], kept: String?)] = [
      ("one\n\ntwo", ["\n\n"], "one"), ("one two three", ["three", "two"], "one "), ("aaab", ["aab"], "a"),
      ("stop", ["stop"], ""), ("größer als", ["ö"], "gr"), ("nothing here", ["xyz"], nil),
      ("ababac", ["abac"], "ab"),
      ("the end.", ["nd", "end."], "the e"),
    ]
    for (text, stops, kept) in cases {
      for tokens in [tokenizer.encode(text), spell(text)] {
        let answer = try answer(tokens, tokenizer, stops: stops)
        #expect(answer.text == kept ?? text, "\(text) \(stops)")
        #expect(answer.finishReason == (kept == nil ? nil : .stopString))
      }
    }
  }

  @Test("Conditions that are none are refused")
  func conditions() {
    #expect(throws: SibylError.self) { try StopCondition(maximumTokens: 0) }
    #expect(throws: SibylError.self) { try StopCondition(maximumTokens: 9, stops: [""]) }
    #expect(throws: SibylError.self) { try StopCondition(maximumTokens: 9, stops: (0..<17).map(String.init)) }
    #expect(throws: SibylError.self) {
      try StopCondition(maximumTokens: 9, stops: [String(repeating: "x", count: 1_001)])
    }
  }
}
