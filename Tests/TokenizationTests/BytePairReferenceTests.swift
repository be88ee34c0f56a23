import Foundation
import ModelFiles
import Models
import Testing
import Tokenization

@Suite("BPE against llama.cpp")
struct BytePairReferenceTests {
  struct Answers: Decodable {
    var ids: [[Int32]]
    /// The answers where control tokens were looked for and found, by the text's place.
    var parsed: [String: [Int32]]
  }

  struct Small: Decodable {
    var texts: [String]
    var gpt2: Answers
    var smollm: Answers
    var llamaBPE: Answers
    var qwen2: Answers
    var llama: Answers

    enum CodingKeys: String, CodingKey {
      case texts, smollm, qwen2, llama
      case gpt2 = "gpt-2"
      case llamaBPE = "llama-bpe"
    }
  }

  struct Case: Decodable {
    var text: String
    var ids: [Int32]
    var parsed: [Int32]?
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: #require(DecoderFiles.fixture(name))))
  }

  private func check(_ tokenizer: BytePairTokenizer, _ texts: [String], _ answers: Answers) {
    #expect(answers.ids.count == texts.count && texts.count > 100 && !answers.parsed.isEmpty)
    for (place, text) in texts.enumerated() {
      #expect(tokenizer.encode(text) == answers.ids[place], "\(text.debugDescription)")
      let parsed = answers.parsed[String(place)] ?? answers.ids[place]
      #expect(tokenizer.encode(text, parsesControlTokens: true) == parsed, "\(text.debugDescription)")
    }
  }

  @Test("Every family of pre-tokenisers, with a small vocabulary")
  func smallVocabulary() throws {
    let small = try Self.decode(Small.self, "bpe-small.json")
    check(try DecoderFiles.small(.gpt2), small.texts, small.gpt2)
    check(try DecoderFiles.small(.smolLM), small.texts, small.smollm)
    check(try DecoderFiles.small(.llama3), small.texts, small.llamaBPE)
    check(try DecoderFiles.small(.qwen2), small.texts, small.qwen2)
    // The families are told apart by these texts.
    let answers = [small.gpt2.ids, small.smollm.ids, small.llamaBPE.ids, small.qwen2.ids]
    #expect(Set(answers).count == 4)
  }

  @Test("The small vocabularies as their files describe them")
  func smallFiles() throws {
    let small = try Self.decode(Small.self, "bpe-small.json")
    check(try BytePairTokenizer(DecoderFiles.file("bpe-bytes.gguf")), small.texts, small.smollm)
    check(try BytePairTokenizer(DecoderFiles.file("bpe-pieces.gguf")), small.texts, small.llama)
  }

  @Test(
    "SmolLM2's vocabulary",
    .enabled(if: DecoderFiles.smolLM2 != nil, Comment(rawValue: DecoderFiles.absence)))
  func smolLM2() throws {
    let tokenizer = try BytePairTokenizer(GGUFFile(path: #require(DecoderFiles.smolLM2)))
    let cases = try Self.decode([Case].self, "bpe-smollm2.json")
    #expect(cases.count > 200)
    for one in cases {
      #expect(tokenizer.encode(one.text) == one.ids, "\(one.text.debugDescription)")
      let parsed = tokenizer.encode(one.text, parsesControlTokens: true)
      #expect(parsed == one.parsed ?? one.ids, "\(one.text.debugDescription)")
    }
    #expect(tokenizer.vocabularySize == 49152 && !tokenizer.addsBeginning)
    #expect(tokenizer.endID == 2 && tokenizer.endIDs == [0, 2] && tokenizer.paddingID == 2)
    #expect(tokenizer.controlToken("<|im_start|>") == 1 && tokenizer.kind(of: 16) == .control)

    let template = try ChatTemplate(
      recognizing: GGUFFile(path: #require(DecoderFiles.smolLM2)).text("tokenizer.chat_template"),
      model: "smollm2")
    let ids = try ChatEncoder(template, tokenizer: tokenizer, model: "smollm2").encode([
      ChatMessage(.user, "What is the capital of France? <|im_end|>")
    ])
    #expect(ids.filter { $0 < 17 } == [1, 2, 1, 2, 1])
    #expect(
      tokenizer.decode(ids, showsControlTokens: true)
        == "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        + "<|im_start|>user\nWhat is the capital of France? <|im_end|><|im_end|>\n<|im_start|>assistant\n")
  }
}
