/// A table's name as a user writes it in an argument: `reviews`, `main.reviews`, `"my table"`. A name that is not
/// written as SQL has it (`my table`) is taken as it is.
struct TableName: Equatable {
  /// Nil where the name does not say it: then SQLite looks into temp, main and the attached databases, in this order.
  let schema: String?
  let table: String

  init(_ text: String) {
    let bytes = Array(text.utf8)
    let tokens = SQLTokenizer.tokens(of: bytes)
    let names = tokens.map { Self.name($0, bytes) }
    if tokens.count == 1, let table = names[0] {
      (schema, self.table) = (nil, table)
    } else if tokens.count == 3, tokens[1].kind == .symbol(UInt8(ascii: ".")), let schema = names[0],
      let table = names[2]
    {
      (self.schema, self.table) = (schema, table)
    } else {
      (schema, table) = (nil, text)
    }
  }

  /// A name as SQL has it, whatever it holds.
  static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// A name without the quotes around it.
  static func unquoted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let tokens = SQLTokenizer.tokens(of: bytes)
    guard tokens.count == 1, let name = name(tokens[0], bytes) else { return text }
    return name
  }

  private static func name(_ token: SQLToken, _ text: [UInt8]) -> String? {
    let bytes = text[token.bytes]
    switch token.kind {
    case .word: return String(decoding: bytes, as: UTF8.self)
    case .quotedWord, .string:
      guard let quote = bytes.first, bytes.count >= 2 else { return nil }
      let inner = String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
      if quote == UInt8(ascii: "[") { return inner }
      // A quote inside is written twice.
      let mark = Character(Unicode.Scalar(quote))
      var name = ""
      var isSecond = false
      for character in inner {
        isSecond = character == mark && !isSecond
        if !isSecond { name.append(character) }
      }
      return name
    default: return nil
    }
  }
}
