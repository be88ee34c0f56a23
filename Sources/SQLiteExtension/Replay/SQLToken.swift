/// One token of SQL text, by its place in the text's UTF-8 bytes.
///
/// The kinds are those of SQLite's own tokenizer (https://www.sqlite.org/lang_expr.html, tokenize.c), less
/// white space and comments, which no reader of tokens here needs.
package struct SQLToken: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// A bare word: a keyword or an identifier; which of them, SQLite's grammar decides by position.
    case word
    /// An identifier in `"…"`, `[…]` or backticks; never a keyword.
    case quotedWord
    /// `'…'`
    case string
    case number
    /// `x'…'`
    case blob
    /// `?`, `?1`, `:name`, `@name`, `$name`
    case parameter
    /// An operator or a punctuation mark, one byte each: `<=` is two of them.
    case symbol(UInt8)
    /// A byte that starts no token, or a quotation without its end.
    case illegal
  }

  package let kind: Kind
  /// The token's UTF-8 bytes in the text.
  package let bytes: Range<Int>
}
