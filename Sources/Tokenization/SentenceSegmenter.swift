/// Finds where sentences begin and end, by rules.
///
/// A sentence ends
/// - at a blank line, and at a paragraph separator (U+2029);
/// - at a line break before a list item (`- `, `• `, `1. `, `a) `), and at one that an author rather than a line
///   width seems to have made: the line is short and the next does not go on in lower case;
/// - behind `。 ！ ？ ｡` and behind `۔ । ॥ ። ։ ؟`;
/// - behind `.`, `!`, `?` and `…`, in runs of any length and with closing quotes and brackets, where white space
///   follows, and unless the stop belongs to something else: an abbreviation or an initial (`Mr.`, `e.g.`,
///   `J. Smith`), an acronym that the sentence goes on from (`the U.S. economy`), the number of a list item, an
///   ellipsis or a quotation after which the sentence goes on in lower case.
///
/// A stop inside a word or number (`3.14`, `example.org`) never ends a sentence. Abbreviations are those of
/// English; other languages that use the same stops get the same treatment without a list of their own.
public struct SentenceSegmenter: Sendable {
  /// A line of at least this many scalars is taken to have been broken for want of width.
  private static let wrappedLineLength = 50

  public init() {}

  /// The sentences of a text as ranges of its UTF-8 bytes: in order, apart from each other, without white space
  /// at either end, and holding every byte that is not white space.
  public func sentences(in text: String) -> [Range<Int>] {
    var text = text
    return text.withUTF8 { sentences(in: $0) }
  }

  /// The same for UTF-8 bytes; ill-formed ones count as letters.
  public func sentences(in utf8: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    guard let bytes = utf8.baseAddress else { return [] }
    var sentences: [Range<Int>] = []
    var start = 0
    func close(at stop: Int) {
      let sentence = WhiteSpace.trim(bytes, start..<stop)
      if !sentence.isEmpty { sentences.append(sentence) }
      start = stop
    }
    let cursor = TextCursor(bytes: bytes, end: utf8.count)
    var lineStart = 0
    var index = 0
    while index < utf8.count {
      let (scalar, next) = cursor.scalar(at: index)
      switch scalar {
      case 0x0A, 0x0D, 0x2028, 0x2029:
        let gap = cursor.lineGap(from: index)
        if endsAtLineBreak(cursor, lineStart: lineStart, gap: gap) {
          close(at: gap.next)
        }
        index = gap.next
        lineStart = gap.next
      case 0x2E, 0x21, 0x3F, 0x2026, 0x203C, 0x2047...0x2049:
        let stop = cursor.stopRun(from: index)
        if endsAtStop(cursor, stop, sentenceStart: start, lineStart: lineStart) { close(at: stop.end) }
        index = stop.end
      case 0x3002, 0xFF01, 0xFF1F, 0xFF61, 0x061F, 0x06D4, 0x0964, 0x0965, 0x1362, 0x0589:
        let stop = cursor.stopRun(from: index)
        close(at: stop.end)
        index = stop.end
      default:
        index = next
      }
    }
    close(at: utf8.count)
    return sentences
  }

  private func endsAtLineBreak(
    _ cursor: TextCursor, lineStart: Int, gap: TextCursor.LineGap
  ) -> Bool {
    if gap.isParagraph || gap.next >= cursor.end || cursor.isListItem(at: gap.next) { return true }
    if cursor.beginsInLowerCase(gap.next) { return false }
    return !cursor.isLine(from: lineStart, to: gap.start, atLeast: Self.wrappedLineLength)
  }

  private func endsAtStop(
    _ cursor: TextCursor, _ stop: TextCursor.StopRun, sentenceStart: Int, lineStart: Int
  ) -> Bool {
    guard stop.end < cursor.end else { return true }
    guard WhiteSpace.contains(cursor.scalar(at: stop.end).scalar) else { return false }
    let next = cursor.skipWhiteSpace(from: stop.end)
    let goesOnInLowerCase = cursor.beginsInLowerCase(next)
    if stop.isEllipsis || stop.hasClosers { return !goesOnInLowerCase }
    guard stop.isSingleFullStop else { return true }

    let word = cursor.wordBefore(stop.start)
    // "3. Next step": the number of a list item, at the start of a line or of what would be a sentence.
    if word.isNumber && stop.start - word.start < 3,
      cursor.isBlank(before: word.start, from: max(sentenceStart, lineStart))
    {
      return false
    }
    if word.isInitial || Abbreviations.alwaysContinue.contains(word.key) { return false }
    if Abbreviations.beforeNumber.contains(word.key) {
      return !cursor.isDigit(at: next) && !goesOnInLowerCase
    }
    if word.isAcronym || Abbreviations.mayEndSentence.contains(word.key) {
      return Abbreviations.sentenceStarters.contains(cursor.capitalisedWord(at: next))
    }
    if !goesOnInLowerCase { return true }
    // Many people write without capitals; an unknown abbreviation mostly has no vowel.
    return word.key.isEmpty || word.isNumber || (word.key.utf8.count > 1 && word.hasVowel)
  }
}
