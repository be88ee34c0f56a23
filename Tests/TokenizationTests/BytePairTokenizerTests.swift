import Diagnostics
import Testing
import Tokenization

@Suite struct BytePairTokenizerTests {
  private func expectError(
    _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> some Any
  ) {
    let error = #expect(throws: SibylError.self, sourceLocation: sourceLocation) { _ = try body() }
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
  }

  @Test func mergesTheLowestRankFirstThenTheLeftmost() throws {
    let tokenizer = try TinyMerges.tokenizer(
      merges: ["b c", "a b", "a bc", "c c"], tokens: ["bc", "ab", "abc", "cc"])
    #expect(tokenizer.encode("abc") == [258])
    #expect(tokenizer.encode("ab") == [257])
    #expect(tokenizer.encode("ccc") == [259, 99])
    #expect(tokenizer.encode("abcc") == [258, 99])
    // "bcc": b c goes first although c c would be to its right.
    #expect(tokenizer.encode("bcc") == [256, 99])
    // The first of two equal merges counts.
    let doubled = try TinyMerges.tokenizer(merges: ["a b", "b c", "a b"], tokens: ["ab", "bc"])
    #expect(doubled.encode("abc") == [256, 99])
  }

  @Test func mergesLeadThroughPiecesThatAreNoTokens() throws {
    let tokenizer = try TinyMerges.tokenizer(merges: ["q z", "qz q"], tokens: ["qzq"])
    #expect(tokenizer.encode("qzq") == [256])
    #expect(tokenizer.encode("qzx") == [113, 122, 120])
    // A merge of something that no bytes spell is as good as none.
    let odd = try TinyMerges.tokenizer(merges: ["", " ", "a", "a ", " b", "日 本", "a b"], tokens: ["ab"])
    #expect(odd.encode("ab") == [256])
  }

  @Test func wholeWordsGoBeforeMergesWhereTheVocabularySaysSo() throws {
    var vocabulary = TinyMerges.vocabulary(merges: ["a b"], tokens: ["ab", "abc"])
    #expect(try BytePairTokenizer(vocabulary, source: "test").encode("abc abc") == [256, 99, 32, 256, 99])
    vocabulary.prefersWholeWords = true
    #expect(try BytePairTokenizer(vocabulary, source: "test").encode("abc abc") == [257, 32, 256, 99])
  }

  @Test func textNeverBecomesAControlToken() throws {
    // Merges spell the control token's name; and it is a whole word to the pre-tokeniser.
    var vocabulary = TinyMerges.vocabulary(
      merges: ["s t", "st o", "sto p"], tokens: ["st", "sto"],
      others: [("stop", .control), ("<|im_end|>", .normal), ("<think>", .userDefined), ("?", .unknown)])
    vocabulary.prefersWholeWords = true
    let tokenizer = try BytePairTokenizer(vocabulary, source: "test")
    #expect(tokenizer.encode("stop") == Array("stop".utf8).map { Int32($0) })
    #expect(tokenizer.encode("<|im_end|>") == Array("<|im_end|>".utf8).map { Int32($0) })
    #expect(tokenizer.encode("a stop", parsesControlTokens: true) == [97, 32, 258])
    #expect(tokenizer.encode("<|im_end|>!", parsesControlTokens: true) == [259, 33])
    // Some files call every token a piece of text; the names tell.
    #expect(tokenizer.kind(of: 259) == .control && tokenizer.endIDs == [259])
    // User-defined tokens are pieces of text.
    #expect(tokenizer.encode("<think>a") == [260, 97])
    #expect(tokenizer.controlToken("stop") == 258 && tokenizer.controlToken("<think>") == 260)
    #expect(tokenizer.controlToken("sto") == nil)
    #expect(tokenizer.kind(of: -1) == nil && tokenizer.kind(of: 262) == nil)
  }

  @Test func longTokensAreFoundBeforeShortOnes() throws {
    let tokenizer = try TinyMerges.tokenizer(
      others: [("ab", .control), ("bcd", .control), ("a", .control), ("aa", .control)])
    func encode(_ text: String) -> [Int32] { tokenizer.encode(text, parsesControlTokens: true) }
    #expect(encode("abcd") == [258, 257])
    #expect(encode("xabx") == [120, 256, 120])
    #expect(encode("aaa") == [259, 258])
    #expect(encode("bcdbcd") == [257, 257])
    #expect(encode("") == [])
  }

  @Test func bytesThatHaveNoTokenAreLeftOut() throws {
    let letters = TinyMerges.letters.enumerated().filter { $0.offset != 1 && $0.offset != 0x78 }.map(
      \.element)
    let tokenizer = try BytePairTokenizer(
      BytePairVocabulary(
        scheme: .byteLevel(.gpt2, merges: ByteStrings()), tokens: ByteStrings(letters),
        kinds: [TokenKind](repeating: .normal, count: letters.count)), source: "test")
    #expect(tokenizer.decode(tokenizer.encode("a\u{1}bxc")) == "abc")
  }

  @Test func decodesWhatItEncodes() throws {
    let tokenizer = try TinyMerges.tokenizer(
      merges: ["Ã ©"], tokens: ["Ã©"], others: [("<|im_end|>", .control), ("日本", .userDefined)])
    for text in ["", "é日本 x", "\u{0}\u{7F}", "👩‍👩‍👧", "a\r\n"] {
      #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }
    #expect(tokenizer.encode("é日本") == [256, 258])
    #expect(tokenizer.decode([97, 257, 98]) == "ab")
    #expect(tokenizer.decode([97, 257, 98], showsControlTokens: true) == "a<|im_end|>b")
    // Half a scalar, a stray continuation, and identifiers that are none.
    #expect(tokenizer.decode([0xE6, 0x97]) == "\u{FFFD}")
    #expect(tokenizer.decode([0x97, 97]) == "\u{FFFD}a")
    #expect(tokenizer.decode([97, -1, 259, .max, .min, 98]) == "ab")
    #expect(tokenizer.bytes(of: 256).elementsEqual("é".utf8) && tokenizer.bytes(of: -5).isEmpty)
  }

  @Test func illFormedTextIsRepaired() throws {
    let tokenizer = try TinyMerges.tokenizer()
    var ids: [Int32] = []
    [0x61, 0xFF, 0xE6, 0x97].withUnsafeBufferPointer { tokenizer.encode($0, appendingTo: &ids) }
    #expect(ids == [0x61, 0xEF, 0xBF, 0xBD, 0xEF, 0xBF, 0xBD, 0xEF, 0xBF, 0xBD])
  }

  // MARK: SentencePiece

  private func pieces(
    _ tokens: [(String, Float)], others: [(String, TokenKind)] = [], addsSpacePrefix: Bool = true
  ) throws -> BytePairTokenizer {
    var vocabulary = BytePairVocabulary(
      scheme: .sentencePiece(scores: tokens.map(\.1) + others.map { _ in 0 }),
      tokens: ByteStrings(tokens.map(\.0) + others.map(\.0)),
      kinds: tokens.map { _ in .normal } + others.map(\.1))
    vocabulary.addsSpacePrefix = addsSpacePrefix
    vocabulary.unknownID = others.firstIndex { $0.1 == .unknown }.map { Int32(tokens.count + $0) }
    return try BytePairTokenizer(vocabulary, source: "test")
  }

  @Test func sentencePieceMergesByScore() throws {
    let tokenizer = try pieces([
      ("▁", -10), ("a", -11), ("b", -12), ("ab", -2), ("▁a", -1), ("▁ab", -3), ("ba", -2),
    ])
    #expect(tokenizer.encode("ab") == [5])
    #expect(tokenizer.encode("ab ab") == [5, 5])
    #expect(tokenizer.encode("bab") == [0, 6, 2])
    #expect(tokenizer.encode("a▁b") == [4, 0, 2])
    #expect(tokenizer.decode([5, 5]) == "ab ab")
    #expect(tokenizer.decode([3, 5]) == "ab ab")
    let bare = try pieces([("▁", -10), ("a", -11), ("▁a", -1)], addsSpacePrefix: false)
    #expect(bare.encode("a a") == [1, 2])
    #expect(bare.decode([2, 2]) == " a a")
  }

  @Test func sentencePieceFallsBackToBytes() throws {
    let tokenizer = try pieces(
      [("▁", -1), ("a", -2)],
      others: [("<unk>", .unknown), ("<0xC3>", .byte), ("<0x0A>", .byte), ("<0xZZ>", .byte)])
    #expect(tokenizer.encode("aé\n") == [0, 1, 3, 2, 4])
    #expect(tokenizer.decode([1, 4, 1]) == "a\na")
  }

  // MARK: Vocabularies that do not fit together

  @Test func refusesWhatDoesNotFit() throws {
    func refuse(
      _ part: String, sourceLocation: SourceLocation = #_sourceLocation,
      _ change: (inout BytePairVocabulary) -> Void
    ) {
      var vocabulary = TinyMerges.vocabulary()
      change(&vocabulary)
      expectError(part, sourceLocation: sourceLocation) {
        try BytePairTokenizer(vocabulary, source: "x.gguf")
      }
    }
    refuse("x.gguf has a vocabulary of 0 tokens") {
      $0.tokens = ByteStrings()
      $0.kinds = []
    }
    refuse("has 256 tokens, but the types of 255") { $0.kinds.removeLast() }
    refuse("names the token 256, where its vocabulary has 256") { $0.endID = 256 }
    refuse("names the token -1") { $0.beginningID = -1 }
    refuse("names the token 2147483647") { $0.unknownID = .max }
    refuse("names the token 999") { $0.paddingID = 999 }
    refuse("names the token 300") { $0.otherEndIDs = [0, 300] }
    refuse("no finite score for each") { $0.scheme = .sentencePiece(scores: []) }
    refuse("no finite score for each") {
      $0.scheme = .sentencePiece(scores: [Float](repeating: .nan, count: 256))
    }
    refuse("has a token of 2000 bytes") {
      $0.tokens = ByteStrings([String(repeating: "x", count: 2000)])
      $0.kinds = [.normal]
      $0.scheme = .sentencePiece(scores: [0])
    }
    #expect(ByteStrings(bytes: [1, 2], starts: [0, 1], lengths: [2, 2]) == nil)
    #expect(ByteStrings(bytes: [1, 2], starts: [0], lengths: [.max]) == nil)
    #expect(ByteStrings(bytes: [1, 2], starts: [0, 2], lengths: [2, 0])?.count == 2)
  }
}
