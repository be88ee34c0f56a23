import Diagnostics
import Foundation
import ModelFiles
import Models
import TestSupport
import Testing
import Tokenization

@Suite("BPE on made-up vocabularies and bytes that are no text")
struct BytePairPropertyTests {
  /// Merges a word as the definition says: again and again the first pair of the lowest rank.
  private static func merge(_ word: [UInt8], _ ranks: [[[UInt8]]: Int]) -> [[UInt8]] {
    var symbols = word.map { [$0] }
    while symbols.count > 1 {
      let pairs = (0..<(symbols.count - 1)).compactMap { place in
        ranks[[symbols[place], symbols[place + 1]]].map { (rank: $0, place: place) }
      }
      guard let best = pairs.min(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) else { break }
      symbols.replaceSubrange(
        best.place...(best.place + 1), with: [symbols[best.place] + symbols[best.place + 1]])
    }
    return symbols
  }

  @Test("Short and long words against the definition", arguments: [UInt64(1), 2, 3])
  func agreesWithTheDefinition(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("abc".utf8)
    for _ in 0..<20 {
      // Random merges of what there is; some make no token.
      var known = alphabet.map { [$0] }
      var ranks: [[[UInt8]]: Int] = [:]
      var merges: [String] = []
      var tokens: [String] = []
      for rank in 0..<Int.random(in: 1...30, using: &random) {
        guard let left = known.randomElement(using: &random), let right = known.randomElement(using: &random),
          ranks[[left, right]] == nil
        else { continue }
        ranks[[left, right]] = rank
        merges.append(TinyMerges.spell(left) + " " + TinyMerges.spell(right))
        known.append(left + right)
        let token = TinyMerges.spell(left + right)
        if !tokens.contains(token), Int.random(in: 0..<5, using: &random) > 0 { tokens.append(token) }
      }
      ranks = Dictionary(
        uniqueKeysWithValues: ranks.sorted { $0.value < $1.value }.enumerated().map { ($1.key, $0) })
      let tokenizer = try TinyMerges.tokenizer(merges: merges, tokens: tokens)
      for length in [1, 2, 3, 7, 20, 47, 48, 49, 60, 200] {
        let word = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 97 }
        var expected: [Int32] = []
        for symbol in Self.merge(word, ranks) {
          if let place = tokens.firstIndex(of: TinyMerges.spell(symbol)) {
            expected.append(Int32(256 + place))
          } else {
            expected += symbol.map { Int32($0) }
          }
        }
        #expect(tokenizer.encode(String(decoding: word, as: UTF8.self)) == expected)
      }
    }
  }

  @Test("Random bytes come back, ill-formed ones as U+FFFD", arguments: PreTokenizer.allCases)
  func randomBytes(family: PreTokenizer) throws {
    var random = SeededGenerator(seed: 11)
    let tokenizer = try TinyMerges.tokenizer(
      family, merges: ["a b", "Ġ a", "Ġa b", "Ã ©", "Ċ Ċ"], tokens: ["ab", "Ġa", "Ġab", "Ã©", "ĊĊ"])
    let usual = Array(" \n\r\t'abcstREe1.é日😀\u{A0}".utf8)
    for _ in 0..<1500 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ -> UInt8 in
        let isUsual = Int.random(in: 0..<8, using: &random) > 0
        return (isUsual ? usual.randomElement(using: &random) : nil)
          ?? UInt8.random(in: 0...255, using: &random)
      }
      var ids: [Int32] = []
      bytes.withUnsafeBufferPointer { tokenizer.encode($0, appendingTo: &ids) }
      #expect(ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
      // One U+FFFD for each ill-formed byte.
      var repaired = ""
      var index = 0
      while index < bytes.count {
        let length = (1...4).last { count in
          index + count <= bytes.count
            && String(validating: bytes[index..<(index + count)], as: UTF8.self)?.unicodeScalars.count == 1
        }
        repaired += length.map { String(decoding: bytes[index..<(index + $0)], as: UTF8.self) } ?? "\u{FFFD}"
        index += length ?? 1
      }
      #expect(tokenizer.decode(ids) == repaired, "\(bytes)")
    }
  }

  @Test("Text comes out whole, in whatever steps", arguments: [UInt64(5), 6])
  func streaming(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let tokenizer = try TinyMerges.tokenizer(
      tokens: [
        TinyMerges.spell("日本"), TinyMerges.spell([0xE6, 0x97]), TinyMerges.spell([0x80, 0xF0, 0x9F]),
      ],
      others: [("<|im_end|>", .control)])
    let leads: [Int32] = [0xC3, 0xE0, 0xED, 0xF0, 0xF4, 0xC0, 0xF5, 0xFF, 0x80, 0x9F, 0xA0, 0xBF, 0x90, 0x61]
    for _ in 0..<1500 {
      let ids = (0..<Int.random(in: 0...12, using: &random)).map { _ -> Int32 in
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Int32.random(in: 0...259, using: &random)
        case 1: Int32.random(in: 256...259, using: &random)
        default: leads.randomElement(using: &random) ?? 0
        }
      }
      let bytes = ids.filter { $0 != 259 }.flatMap { Array(tokenizer.bytes(of: $0)) }
      let whole = String(decoding: bytes, as: UTF8.self)
      #expect(tokenizer.decode(ids) == whole, "\(bytes)")
      var decoder = TextDecoder(tokenizer)
      var steps = ids.map { decoder.append($0) }
      steps.append(decoder.finish())
      #expect(steps.joined().unicodeScalars.elementsEqual(whole.unicodeScalars), "\(bytes)")
    }
    // Nothing comes out early, and nothing is held back once it is whole.
    var decoder = TextDecoder(tokenizer)
    #expect([0xF0, 0x9F, 0x98, 0x80].map { decoder.append($0) } == ["", "", "", "😀"])
    #expect([0xE6, 0x97, 0x61].map { decoder.append($0) } == ["", "", "\u{FFFD}a"])
    #expect(decoder.append(0xC3) == "" && decoder.finish() == "\u{FFFD}" && decoder.finish() == "")
  }

  @Test("Hostile lengths: one endless word, endless spaces, endless names")
  func longInputs() throws {
    let tokenizer = try TinyMerges.tokenizer(
      merges: ["a a", "aa aa", "Ġ Ġ", "ĠĠ ĠĠ"], tokens: ["aa", "aaaa", "ĠĠ", "ĠĠĠĠ"],
      others: [("<|a|>", .control), ("<|", .control)])
    #expect(tokenizer.encode(String(repeating: "a", count: 200_001)).count == 50_001)
    #expect(tokenizer.encode(String(repeating: " ", count: 200_000)).count == 50_000)
    let names = tokenizer.encode(String(repeating: "<|a|><|", count: 20_000), parsesControlTokens: true)
    #expect(names.count == 40_000 && names.allSatisfy { $0 >= 260 })
    #expect(
      tokenizer.encode(String(repeating: "<", count: 100_000), parsesControlTokens: true).count == 100_000)
  }

  /// Whatever a file says, it gives an error or a tokenizer that works.
  @Test("Mutated files", arguments: ["bpe-bytes.gguf", "bpe-pieces.gguf"])
  func mutatedFiles(name: String) throws {
    var random = SeededGenerator(seed: 77)
    let folder = try TemporaryFolder(inMemory: true)
    let sound = [UInt8](try Data(contentsOf: #require(DecoderFiles.fixture(name))))
    var refused = 0
    for _ in 0..<150 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default: bytes[place] = UInt8(ascii: " ")
        }
      }
      guard let file = try? GGUFFile(path: folder.write("x.gguf", bytes)),
        let tokenizer = try? BytePairTokenizer(file)
      else {
        refused += 1
        continue
      }
      for text in ["Hello, the world's <|im_end|> 日本 \u{0}", "", String(repeating: "the ", count: 40)] {
        let ids = tokenizer.encode(text) + tokenizer.encode(text, parsesControlTokens: true)
        #expect(ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
        _ = tokenizer.decode(ids, showsControlTokens: true)
      }
    }
    #expect(refused > 10 && refused < 150)
  }

  @Test("What a file must say")
  func refusesFiles() throws {
    let folder = try TemporaryFolder()
    let sound = [UInt8](try Data(contentsOf: #require(DecoderFiles.fixture("bpe-bytes.gguf"))))
    /// Replaces a text by another of the same length.
    func tokenizer(_ old: String, _ new: String) throws -> BytePairTokenizer {
      var bytes = sound
      let place = try #require(bytes.indices.first { bytes[$0...].starts(with: old.utf8) })
      bytes.replaceSubrange(place..<(place + old.utf8.count), with: new.utf8)
      return try BytePairTokenizer(GGUFFile(path: folder.write("x.gguf", bytes)))
    }
    func refuse(_ old: String, _ new: String, _ part: String) {
      let error = #expect(throws: SibylError.self) { _ = try tokenizer(old, new) }
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    refuse("gpt2", "bert", "has a tokenizer of the kind \"bert\"; supported are byte-level BPE")
    refuse(
      "smollm", "falcon", "splits text as \"falcon\" does; supported are gpt-2, smollm, llama-bpe, qwen2")
    refuse("tokenizer.ggml.pre", "tokenizer.ggml.xxx", "does not say how its tokenizer splits text")
    refuse("tokenizer.ggml.merges", "tokenizer.ggml.xxxxxx", "lacks the metadata \"tokenizer.ggml.merges\"")
    refuse("tokenizer.ggml.tokens", "tokenizer.ggml.xxxxxx", "lacks the metadata \"tokenizer.ggml.tokens\"")
  }
}
