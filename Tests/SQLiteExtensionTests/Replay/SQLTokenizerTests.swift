import SQLiteExtension
import TestSupport
import Testing

@Suite struct SQLTokenizerTests {
  /// The tokens' kinds and texts, as `kind:text`.
  private func describe(_ sql: String) -> [String] {
    let text = Array(sql.utf8)
    return SQLTokenizer.tokens(of: text).map { token in
      let word = String(decoding: text[token.bytes], as: UTF8.self)
      if case .symbol = token.kind { return word }
      return "\(token.kind):\(word)"
    }
  }

  @Test(arguments: [
    ("SELECT a", ["word:SELECT", "word:a"]),
    ("'it''s' 'SELECT'", ["string:'it''s'", "string:'SELECT'"]),
    ("\"a\"\"b\" `c``d` [e f]", ["quotedWord:\"a\"\"b\"", "quotedWord:`c``d`", "quotedWord:[e f]"]),
    ("a--b\nc", ["word:a", "word:c"]),
    ("a--b", ["word:a"]),
    ("a/* ; ' */b", ["word:a", "word:b"]),
    ("a/* open", ["word:a"]),
    ("a/b-c", ["word:a", "/", "word:b", "-", "word:c"]),
    (
      "1 1.5 .5 1e3 1.5E-3 0xFF",
      ["number:1", "number:1.5", "number:.5", "number:1e3", "number:1.5E-3", "number:0xFF"]
    ),
    ("1-2 0xe-1", ["number:1", "-", "number:2", "number:0xe", "-", "number:1"]),
    ("x'0a' X'FF' xy", ["blob:x'0a'", "blob:X'FF'", "word:xy"]),
    ("? ?12 :a @b $c", ["parameter:?", "parameter:?12", "parameter::a", "parameter:@b", "parameter:$c"]),
    ("a<=b||c", ["word:a", "<", "=", "word:b", "|", "|", "word:c"]),
    ("größe", ["word:größe"]),
    ("'open", ["illegal:'open"]),
    ("[open", ["illegal:[open"]),
    ("a.b(c,*);", ["word:a", ".", "word:b", "(", "word:c", ",", "*", ")", ";"]),
    ("", []),
    (" \t\r\n\u{0C}", []),
  ])
  func cutsAsSQLiteDoes(sql: String, expected: [String]) {
    #expect(describe(sql) == expected)
  }

  /// Every byte belongs to a token, a blank or a comment, and tokens neither overlap nor run backwards.
  @Test func anyBytesGiveOrderedTokens() {
    var random = SeededGenerator(seed: 7)
    let alphabet = Array("ab'\"`[]-*/.;()xX0e+?:$ \n\u{0}é".utf8)
    for _ in 0..<20_000 {
      let text = (0..<Int(random.next() % 24)).map { _ in
        alphabet[Int(random.next() % UInt64(alphabet.count))]
      }
      var end = 0
      for token in SQLTokenizer.tokens(of: text) {
        #expect(token.bytes.lowerBound >= end && !token.bytes.isEmpty)
        end = token.bytes.upperBound
      }
      #expect(end <= text.count)
    }
  }
}
