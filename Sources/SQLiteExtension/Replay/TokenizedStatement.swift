/// One SQL statement, cut into tokens.
struct TokenizedStatement {
  let text: [UInt8]
  /// From the statement's first token to its last, without semicolons.
  let tokens: [SQLToken]

  init(_ sql: String) {
    text = Array(sql.utf8)
    var tokens = SQLTokenizer.tokens(of: text)
    // A leading semicolon is an empty statement; the first one after a token ends the statement.
    let start = tokens.firstIndex { $0.kind != .symbol(UInt8(ascii: ";")) } ?? tokens.endIndex
    tokens.removeSubrange(..<start)
    if let end = tokens.firstIndex(where: { $0.kind == .symbol(UInt8(ascii: ";")) }) {
      tokens.removeSubrange(end...)
    }
    self.tokens = tokens
  }

  /// - Parameter keyword: in capitals.
  func isKeyword(_ index: Int, _ keyword: String) -> Bool {
    guard tokens.indices.contains(index), tokens[index].kind == .word else { return false }
    let bytes = tokens[index].bytes
    guard bytes.count == keyword.utf8.count else { return false }
    return zip(text[bytes], keyword.utf8).allSatisfy { $0 == $1 || $0 == $1 | 0x20 }
  }

  func isKeyword(_ index: Int, anyOf keywords: [String]) -> Bool {
    keywords.contains { isKeyword(index, $0) }
  }

  func isSymbol(_ index: Int, _ symbol: Unicode.Scalar) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .symbol(UInt8(ascii: symbol))
  }

  func isName(_ index: Int) -> Bool {
    guard tokens.indices.contains(index) else { return false }
    // SQLite takes a string for a name where only a name can stand.
    switch tokens[index].kind {
    case .word, .quotedWord, .string: return true
    default: return false
    }
  }

  func startsQuery(_ index: Int) -> Bool { isKeyword(index, anyOf: ["SELECT", "VALUES", "WITH"]) }

  /// The text of a run of tokens, as the user wrote it.
  func slice(_ range: Range<Int>) -> String {
    guard range.upperBound <= tokens.count, let first = range.first, let last = range.last else { return "" }
    return String(
      decoding: text[tokens[first].bytes.lowerBound..<tokens[last].bytes.upperBound], as: UTF8.self)
  }

  /// A token's text in small letters, without quotation marks: what names are compared by.
  func name(_ index: Int) -> String {
    guard tokens.indices.contains(index) else { return "" }
    var bytes = text[tokens[index].bytes]
    if tokens[index].kind != .word, bytes.count >= 2 { bytes = bytes.dropFirst().dropLast() }
    return String(decoding: bytes, as: UTF8.self).lowercased()
  }

  /// The index of the parenthesis that closes the one at `index`, or the end.
  func closingParenthesis(of index: Int) -> Int {
    var depth = 0
    for position in index..<max(index, tokens.count) {
      if isSymbol(position, "(") { depth += 1 }
      if isSymbol(position, ")") {
        depth -= 1
        if depth == 0 { return position }
      }
    }
    return tokens.count
  }
}
