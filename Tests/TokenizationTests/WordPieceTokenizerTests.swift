import Diagnostics
import Testing
import Tokenization

@Suite("WordPiece")
struct WordPieceTokenizerTests {
  @Test("Words are cut into the longest pieces from the left")
  func longestMatch() throws {
    #expect(try TinyVocabulary.pieces(of: "unaffable") == ["un", "##aff", "##able"])
    #expect(try TinyVocabulary.pieces(of: "able unable") == ["able", "un", "##able"])
    #expect(try TinyVocabulary.pieces(of: "longerest") == ["longer", "##est"])
    #expect(try TinyVocabulary.pieces(of: "") == [])
    #expect(try TinyVocabulary.pieces(of: " \t\r\n ") == [])
  }

  @Test("A word with a part that has no piece is one unknown token")
  func unknownWord() throws {
    #expect(try TinyVocabulary.pieces(of: "unaffжable hello") == ["[UNK]", "hello"])
    #expect(try TinyVocabulary.pieces(of: "ж") == ["[UNK]"])
    #expect(try TinyVocabulary.pieces(of: "hello;world") == ["hello", "[UNK]", "world"])
  }

  @Test("Words of more than 100 scalars are unknown, counted after normalisation")
  func longWords() throws {
    #expect(try TinyVocabulary.pieces(of: String(repeating: "a", count: 100)).count == 100)
    #expect(try TinyVocabulary.pieces(of: String(repeating: "a", count: 101)) == ["[UNK]"])
    #expect(try TinyVocabulary.pieces(of: String(repeating: "e\u{301}", count: 100)).count == 100)
    #expect(try TinyVocabulary.pieces(of: String(repeating: "é", count: 101)) == ["[UNK]"])
    #expect(
      try TinyVocabulary.pieces(of: String(repeating: "é", count: 100_000) + " hello") == ["[UNK]", "hello"])
    let short = WordPieceOptions(maximumWordLength: 5)
    #expect(try TinyVocabulary.pieces(of: "hello longer", options: short) == ["hello", "[UNK]"])
  }

  @Test("Uncased: accents and case go; punctuation, ideographs and special tokens stand alone")
  func normalisation() throws {
    #expect(try TinyVocabulary.pieces(of: "HÉLLO Wörld") == ["hello", "world"])
    #expect(try TinyVocabulary.pieces(of: "Cafe\u{301}, café!") == ["cafe", ",", "cafe", "!"])
    #expect(try TinyVocabulary.pieces(of: "hello'world--") == ["hello", "'", "world", "-", "-"])
    #expect(try TinyVocabulary.pieces(of: "中国hello。") == ["中", "国", "hello", "。"])
    #expect(try TinyVocabulary.pieces(of: "한") == ["ᄒ", "##ᅡ", "##ᆫ"])
    // One scalar at a time, so no final sigma; and U+0130 loses its dot.
    #expect(try TinyVocabulary.pieces(of: "ΣΣ İ") == ["σ", "##σ", "i"])
  }

  @Test("Controls vanish inside words; every kind of white space splits")
  func cleaning() throws {
    #expect(
      try TinyVocabulary.pieces(of: "hel\u{0}lo wo\u{200B}r\u{AD}ld\u{FEFF}\u{FFFD}") == ["hello", "world"])
    #expect(try TinyVocabulary.pieces(of: "un\u{0}affable\u{1}\u{300}") == ["un", "##aff", "##able"])
    for space in ["\t", "\n", "\r", " ", "\u{A0}", "\u{2003}", "\u{2028}", "\u{3000}"] {
      #expect(try TinyVocabulary.pieces(of: "hello\(space)world") == ["hello", "world"])
    }
    for control in ["\u{B}", "\u{C}", "\u{7F}", "\u{85}", "\u{E000}"] {
      #expect(try TinyVocabulary.pieces(of: "hel\(control)lo") == ["hello"])
    }
  }

  @Test("Cased: nothing is decomposed or lowered")
  func cased() throws {
    let cased = WordPieceOptions(lowercase: false)
    #expect(
      try TinyVocabulary.pieces(of: "Hello hello ÉÉ é", options: cased) == [
        "Hello", "hello", "É", "##É", "é",
      ])
    #expect(try TinyVocabulary.pieces(of: "ß한", options: cased) == ["[UNK]"])
    let lowered = WordPieceOptions(lowercase: true, stripsAccents: false)
    #expect(try TinyVocabulary.pieces(of: "NAÏVE É İ", options: lowered) == ["naïve", "é", "i̇"])
    let stripped = WordPieceOptions(lowercase: false, stripsAccents: true)
    #expect(try TinyVocabulary.pieces(of: "Hellö ß", options: stripped) == ["Hello", "ß"])
  }

  @Test("Marks that survive take their canonical order")
  func canonicalOrder() throws {
    // U+302E has class 224, U+1D165 has 216, U+0300 (230) is stripped, U+0E31 (0) ends the run.
    let ordered = ["a", "##\u{1D165}", "##\u{302E}"]
    #expect(try TinyVocabulary.pieces(of: "a\u{302E}\u{1D165}") == ordered)
    #expect(try TinyVocabulary.pieces(of: "a\u{1D165}\u{302E}") == ordered)
    #expect(try TinyVocabulary.pieces(of: "a\u{302E}\u{300}\u{0}\u{1D165}") == ordered)
    let unordered = ["a", "##\u{302E}", "##\u{1D165}"]
    #expect(try TinyVocabulary.pieces(of: "a\u{302E}\u{E31}\u{1D165}") == unordered)
    #expect(
      try TinyVocabulary.pieces(of: "a\u{302E}b\u{1D165}") == ["a", "##\u{302E}", "##b", "##\u{1D165}"])
    let tokenizer = try TinyVocabulary.tokenizer()
    let ranges = tokenizer.encodeWithOffsets("a\u{302E}\u{1D165}").map(\.range)
    #expect(ranges == [0..<1, 1..<8, 1..<8])
  }

  @Test("Special tokens are recognised where they are written out")
  func specialTokens() throws {
    #expect(
      try TinyVocabulary.pieces(of: "hello[SEP]world [CLS][PAD] [MASK][UNK]")
        == ["hello", "[SEP]", "world", "[CLS]", "[PAD]", "[MASK]", "[UNK]"])
    #expect(try TinyVocabulary.pieces(of: "[sep]") == ["[", "s", "##e", "##p", "]"])
    #expect(try TinyVocabulary.pieces(of: "[[CLS]]") == ["[", "[CLS]", "]"])
    #expect(try TinyVocabulary.pieces(of: "[CLS") == ["[", "c", "##l", "##s"])
    let tokenizer = try TinyVocabulary.tokenizer()
    let ids = [
      tokenizer.paddingID, tokenizer.unknownID, tokenizer.classifierID, tokenizer.separatorID,
      tokenizer.maskID,
    ]
    #expect(ids == [0, 1, 2, 3, 4])
    #expect(tokenizer.vocabularySize == TinyVocabulary.pieces.count)
    #expect(tokenizer.piece(-1) == nil && tokenizer.piece(Int32.max) == nil)
  }

  @Test("Tokens know their bytes")
  func offsets() throws {
    let tokenizer = try TinyVocabulary.tokenizer()
    let text = "  UNÁFFABLE\u{0}, 中 한жж [SEP]"
    let spans = tokenizer.encodeWithOffsets(text).map { token in
      String(decoding: Array(text.utf8)[token.range], as: UTF8.self)
    }
    #expect(spans == ["UN", "ÁFF", "ABLE", ",", "中", "한жж", "[SEP]"])
    #expect(tokenizer.encodeWithOffsets("한").map(\.range) == [0..<3, 0..<3, 0..<3])
    #expect(tokenizer.tokenCount(text) == 7)
  }

  @Test("encode appends behind what is there")
  func appending() throws {
    let tokenizer = try TinyVocabulary.tokenizer()
    var ids: [Int32] = [7]
    for word in ["hello", "жж", "un"] {
      Array(word.utf8).withUnsafeBufferPointer { tokenizer.encode($0, appendingTo: &ids) }
    }
    #expect(ids == [7] + tokenizer.encode("hello жж un"))
  }

  @Test("Hostile vocabularies are refused with a sentence")
  func hostileVocabularies() {
    let good = TinyVocabulary.pieces
    func refuses(_ bytes: [UInt8], _ reason: String) {
      do {
        _ = try WordPieceTokenizer(vocabulary: bytes, source: "model/vocab.txt")
        Issue.record("accepted a vocabulary that \(reason)")
      } catch {
        #expect(error.kind == .corruptFile)
        #expect(error.message.contains(reason) && error.message.hasPrefix("model/vocab.txt: "))
      }
    }
    refuses([], "the file is empty")
    for special in TinyVocabulary.specials {
      refuses(TinyVocabulary.bytes(good.filter { $0 != special }), "\(special) is missing")
    }
    refuses(TinyVocabulary.bytes(good + ["hello"]), "repeats line")
    refuses(TinyVocabulary.bytes(good + ["##a"]), "repeats line")
    refuses(TinyVocabulary.bytes(good) + [10, 10, 65], "is empty")
    refuses(TinyVocabulary.bytes(good) + [10, 0xFF, 65], "not valid UTF-8")
    refuses(TinyVocabulary.bytes(good) + [10, 0xED, 0xA0, 0x80], "not valid UTF-8")
    refuses(TinyVocabulary.bytes(good) + [10, 65, 0, 66], "zero byte")
    refuses([UInt8](repeating: 65, count: 40 << 20), "more than the")
    refuses(TinyVocabulary.bytes(good + (0...1 << 20).map { "\($0)x" }), "lines")
    refuses(Array("{\"not\": \"a vocabulary\"}".utf8), "is missing")
  }

  @Test("Line ends of either kind, with or without the last one")
  func lineEnds() throws {
    let plain = try TinyVocabulary.tokenizer()
    for bytes in [
      TinyVocabulary.bytes(TinyVocabulary.pieces) + [10],
      Array(TinyVocabulary.pieces.joined(separator: "\r\n").utf8) + [13, 10],
    ] {
      let tokenizer = try WordPieceTokenizer(vocabulary: bytes)
      #expect(tokenizer.vocabularySize == plain.vocabularySize)
      #expect(tokenizer.encode("unaffable hello!") == plain.encode("unaffable hello!"))
    }
  }
}
