import Tokenization

/// A summary of a text's own sentences: it says nothing that the text does not.
package struct ExtractiveSummary: Sendable {
  /// The text's sentences, each on one line: what is to be embedded.
  package let sentences: [String]
  private let wordCounts: [Int]

  package init(of text: String) {
    var text = text
    sentences = text.withUTF8 { utf8 in
      SentenceSegmenter().sentences(in: utf8).map { range in
        Self.onOneLine(UnsafeBufferPointer(rebasing: utf8[range]))
      }
    }
    wordCounts = sentences.map(Self.wordCount)
  }

  /// Whether the whole text has no more words than its summary may have: then nothing need be embedded.
  package func fits(maximumWords: Int) -> Bool { wordCounts.reduce(0, +) <= maximumWords }

  /// The sentences that stand for the text, in its order. Where not even one fits, it is the beginning of the most
  /// central one, with "…" behind it.
  ///
  /// - Parameters:
  ///   - embeddings: one for each of `sentences`; of no use where the text fits as it is.
  ///   - maximumWords: the most words, at least 1. Languages without spaces count two characters as a word.
  package func text(embeddings: [[Float]], maximumWords: Int) -> String {
    guard !fits(maximumWords: maximumWords) else { return sentences.joined(separator: " ") }
    let selection = SentenceSelection(embeddings: embeddings, wordCounts: wordCounts)
    let positions = selection.positions(maximumWords: maximumWords)
    guard positions.isEmpty else { return positions.map { sentences[$0] }.joined(separator: " ") }
    return selection.mostCentral.map { Self.beginning(of: sentences[$0], words: max(1, maximumWords)) } ?? ""
  }

  private static func onOneLine(_ utf8: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: utf8, as: UTF8.self).unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
      .map(String.init).joined(separator: " ")
  }

  /// Han characters and kana, which are written without spaces.
  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true
    default: false
    }
  }

  private static func wordCount(_ text: String) -> Int {
    text.split(separator: " ").reduce(0) { count, word in
      count + max(1, (word.unicodeScalars.count(where: isIdeograph) + 1) / 2)
    }
  }

  private static func beginning(of sentence: String, words: Int) -> String {
    var count = 0
    var ideographs = 0
    var end = sentence.startIndex
    let scalars = sentence.unicodeScalars
    for index in scalars.indices {
      if scalars[index] == " " {
        ideographs = 0
        end = index
        count += 1
        if count == words { break }
      } else if isIdeograph(scalars[index]) {
        ideographs += 1
        // The second of two ends a word, but for the last word before a space, which the space ends.
        if ideographs > 1, ideographs % 2 == 1 {
          end = index
          count += 1
          if count == words { break }
        }
      }
    }
    return String(scalars[..<end]) + "…"
  }
}
