import Tokenization

/// What tells how many tokens a text has.
package protocol TokenCounting: Sendable {
  func tokenCount(of text: String) -> Int
}

extension BytePairTokenizer: TokenCounting {
  package func tokenCount(of text: String) -> Int {
    var ids: [Int32] = []
    var text = text
    text.withUTF8 { encode($0, appendingTo: &ids) }
    return ids.count
  }
}

/// Any of them.
struct AnyTokenCounting: TokenCounting {
  private let base: any TokenCounting

  init(_ base: any TokenCounting) { self.base = base }

  func tokenCount(of text: String) -> Int { base.tokenCount(of: text) }
}

/// Tokens of a tokenizer that is elsewhere: a server's. A token of today's tokenizers stands for some four bytes of
/// English, and for three of most other languages.
package struct EstimatedTokens: TokenCounting {
  static let bytesPerToken = 3

  package init() {}

  package func tokenCount(of text: String) -> Int {
    (text.utf8.count + Self.bytesPerToken - 1) / Self.bytesPerToken
  }
}
