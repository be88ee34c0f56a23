import Diagnostics
import TestSupport
import Testing
import Tokenization

@Suite("Chunks")
struct TextChunkerTests {
  private static func chunks(_ text: String, _ tokens: Int, overlap: Int = 0) throws -> [String] {
    let chunker = try TextChunker(
      tokenizer: TinyVocabulary.tokenizer(), maximumTokens: tokens, overlap: overlap)
    let chunks = chunker.chunks(of: text)
    check(chunks, of: text, chunker)
    return chunks.map(\.text)
  }

  /// What holds for the chunks of any text.
  private static func check(_ chunks: [TextChunk], of text: String, _ chunker: TextChunker) {
    let scalars = Array(text.unicodeScalars)
    let bytes = Array(text.utf8)
    var covered = [Bool](repeating: false, count: scalars.count)
    var previous: TextChunk?
    for (position, chunk) in chunks.enumerated() {
      #expect(chunk.position == position)
      #expect(chunk.start >= 1 && chunk.length >= 1 && chunk.start - 1 + chunk.length <= scalars.count)
      let slice = scalars[(chunk.start - 1)..<(chunk.start - 1 + chunk.length)]
      #expect(Array(chunk.text.unicodeScalars) == Array(slice), "start and length do not give the text back")
      #expect(Array(chunk.text.utf8) == Array(bytes[chunk.utf8Range]))
      #expect(chunk.tokenCount <= chunker.maximumTokens)
      #expect(chunk.tokenCount == chunker.tokenizer.tokenCount(chunk.text), "\(chunk.text.debugDescription)")
      for index in slice.indices { covered[index] = true }
      if let previous {
        #expect(chunk.start > previous.start && chunk.start + chunk.length > previous.start + previous.length)
        let shared =
          chunk.utf8Range.lowerBound..<max(chunk.utf8Range.lowerBound, previous.utf8Range.upperBound)
        let repeated = String(decoding: bytes[shared], as: UTF8.self)
        #expect(chunker.tokenizer.tokenCount(repeated) <= chunker.overlap)
      }
      previous = chunk
    }
    let alone = chunks.map { chunker.tokenizer.encode($0.text) }
    #expect(chunker.tokensOfChunks(of: text) == alone, "\(text.debugDescription)")
    let lost = scalars.indices.filter { !covered[$0] && !scalars[$0].properties.isWhitespace }
    #expect(lost.isEmpty, "lost \(lost) of \(text.debugDescription)")
  }

  @Test("A text that fits is one chunk")
  func oneChunk() throws {
    #expect(try Self.chunks("  hello world. \n", 8) == ["hello world."])
    #expect(try Self.chunks("", 8) == [])
    #expect(try Self.chunks(" \n\u{3000} ", 8) == [])
    #expect(try Self.chunks("\u{200B}", 8) == ["\u{200B}"])
  }

  @Test("As many whole sentences as fit")
  func sentences() throws {
    let text = "Hello world. The sentence. Hello. The longer sentence."
    #expect(try Self.chunks(text, 8) == ["Hello world. The sentence. Hello.", "The longer sentence."])
    #expect(try Self.chunks(text, 5) == ["Hello world.", "The sentence. Hello.", "The longer sentence."])
    #expect(try Self.chunks("Hello.\n\nHello world the the", 5) == ["Hello.", "Hello world the the"])
  }

  @Test("Long sentences are cut at lines, clauses, then words; long words between tokens")
  func longSentences() throws {
    #expect(
      try Self.chunks("the the the, hello world the the", 6) == ["the the the,", "hello world the the"])
    #expect(try Self.chunks("the the the the the hello", 4) == ["the the the the", "the hello"])
    #expect(
      try Self.chunks("the the the the\nthe hello, the the the", 6) == [
        "the the the the", "the hello, the the the",
      ])
    #expect(try Self.chunks("hello unaffable world", 4) == ["hello unaffable", "world"])
    // "abcdefghij" has 10 tokens, and so has what is left of it.
    #expect(try Self.chunks("abcdefghij", 4) == ["abcd", "efgh", "ij"])
    #expect(try Self.chunks("the abcdefghij the", 4) == ["the", "abcd", "efgh", "ij the"])
    #expect(try Self.chunks("中国中国中国", 4) == ["中国中国", "中国"])
    #expect(try Self.chunks("한한한", 4) == ["한", "한", "한"])
  }

  @Test("Overlap repeats whole words")
  func overlap() throws {
    #expect(
      try Self.chunks("a b c d e f g h i j", 4, overlap: 2) == ["a b c d", "c d e f", "e f g h", "g h i j"])
    #expect(try Self.chunks("a b hello. c d e f", 4, overlap: 1) == ["a b hello.", ". c d e", "e f"])
    #expect(try Self.chunks("abcdefgh the", 4, overlap: 2) == ["abcd", "efgh", "the"])
  }

  @Test("Marks that change places, more of them than a chunk may have tokens")
  func characterRuns() throws {
    let run = "a" + String(repeating: "\u{302E}\u{1D165}", count: 20)
    #expect(try Self.chunks(run + " hello", 4).count > 5)
  }

  @Test("Bounds", arguments: [(3, 0), (-1, 0), (8, -1), (8, 5), (Int.max, Int.min), (Int.min, 0)])
  func bounds(tokens: Int, overlap: Int) throws {
    let tokenizer = try TinyVocabulary.tokenizer()
    let error = #expect(throws: SibylError.self) {
      try TextChunker(tokenizer: tokenizer, maximumTokens: tokens, overlap: overlap)
    }
    #expect(error?.kind == .invalidArgument)
    let whole = try TextChunker(tokenizer: tokenizer, maximumTokens: .max, overlap: .max / 2)
    #expect(whole.chunks(of: "hello world").map(\.text) == ["hello world"])
  }

  @Test("Any text, any size, any overlap", arguments: [UInt64(1), 2, 3])
  func properties(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let tokenizers = try [ReferenceFiles.tokenizer, TinyVocabulary.tokenizer()].compactMap { $0 }
    let parts = [
      "hello", "unaffable", "Hello", "antidisestablishmentarianism", "abcdefghij", "the", "Mr.", "3.14", ".",
      "!", ",",
      "; ", "…", "。", "、", " ", " ", " ", "\n", "\n\n", "\"", ")", "(", "é", "e\u{301}", "中国", "\u{3000}",
      "\u{301}", "\u{0}",
      "👍🏽", "'", "한국어", "\u{302E}\u{1D165}\u{302F}", "[SEP]", "ж", "\u{200B}", "\u{1B44}\u{E31}", "##",
      String(repeating: "x", count: 101), String(repeating: "ab", count: 40),
    ]
    for round in 0..<1500 {
      let count = Int.random(in: 0...60, using: &generator)
      let text = (0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
      let tokens = Int.random(in: 4...24, using: &generator)
      let chunker = try TextChunker(
        tokenizer: tokenizers[round % tokenizers.count], maximumTokens: tokens,
        overlap: Bool.random(using: &generator) ? 0 : Int.random(in: 0...tokens / 2, using: &generator))
      let chunks = chunker.chunks(of: text)
      Self.check(chunks, of: text, chunker)
      if chunker.overlap == 0, chunker.tokenizer.encode(text).count <= tokens {
        #expect(chunks.count <= 1, "a text that fits is one chunk")
      }
    }
  }
}
