import Tokenization

/// A text cut into pieces that a decoder can read, at the ends of sentences where that is possible.
///
/// Nothing is left out: the pieces put together are the text.
package enum TextPieces {
  /// Texts packed into as few pieces as their order allows, one text a line. A text is cut only where it is longer than
  /// a piece.
  ///
  /// - Parameters:
  ///   - mark: what stands before each text, so that the model sees where one begins.
  ///   - limit: the most tokens of a piece, at least 1.
  package static func pieces(
    of texts: [String], mark: String = "", atMost limit: Int, tokenizer: any TokenCounting
  ) -> [String] {
    var pieces: [String] = []
    var open: String?
    var openTokens = 0
    for text in texts {
      let line = mark + text
      // The line break is a token of its own.
      let tokens = count(line, tokenizer) + 1
      if let piece = open {
        if openTokens + tokens <= limit {
          open = piece + "\n" + line
          openTokens += tokens
          continue
        }
        pieces.append(piece)
      }
      // What is left of a text that was cut goes on together with the next one.
      let cut = tokens <= limit ? [line] : Self.pieces(of: line, atMost: limit, tokenizer: tokenizer)
      pieces += cut.dropLast()
      open = cut.last
      openTokens = cut.count == 1 ? tokens : count(cut.last ?? "", tokenizer) + 1
    }
    if let open { pieces.append(open) }
    return pieces
  }

  /// - Parameter limit: the most tokens of a piece, at least 1.
  package static func pieces(of text: String, atMost limit: Int, tokenizer: any TokenCounting) -> [String] {
    if isWithin(limit, text, tokenizer) { return [text] }
    var text = text
    let starts = text.withUTF8 { utf8 in
      SentenceSegmenter().sentences(in: utf8).map(\.lowerBound) + [utf8.count]
    }
    let utf8 = text.utf8
    func part(_ range: Range<Int>) -> String {
      let from = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
      return String(text[from..<utf8.index(from, offsetBy: range.count)])
    }
    var pieces: [String] = []
    var open: Range<Int>?
    var openTokens = 0
    var previous = 0
    for end in starts where end > previous {
      let sentence = previous..<end
      previous = end
      let tokens = count(part(sentence), tokenizer)
      if let range = open, openTokens + tokens <= limit {
        open = range.lowerBound..<end
        openTokens += tokens
        continue
      }
      if let range = open { pieces.append(part(range)) }
      open = nil
      openTokens = 0
      if tokens <= limit {
        open = sentence
        openTokens = tokens
      } else {
        pieces += halves(of: part(sentence), atMost: limit, tokenizer)
      }
    }
    if let range = open { pieces.append(part(range)) }
    return pieces
  }

  /// A sentence that is too long, cut in the middle, at a space where there is one.
  private static func halves(of text: String, atMost limit: Int, _ tokenizer: any TokenCounting) -> [String] {
    guard text.count > 1, !isWithin(limit, text, tokenizer) else { return [text] }
    let middle = text.index(text.startIndex, offsetBy: text.count / 2)
    let space = text[middle...].firstIndex(of: " ").map { text.index(after: $0) } ?? text.endIndex
    let cut = space == text.endIndex ? middle : space
    return halves(of: String(text[..<cut]), atMost: limit, tokenizer)
      + halves(of: String(text[cut...]), atMost: limit, tokenizer)
  }

  /// A token stands for at least one byte, so that short texts need not be counted.
  private static func isWithin(_ limit: Int, _ text: String, _ tokenizer: any TokenCounting) -> Bool {
    text.utf8.count <= limit || count(text, tokenizer) <= limit
  }

  private static func count(_ text: String, _ tokenizer: any TokenCounting) -> Int {
    tokenizer.tokenCount(of: text)
  }
}
