/// The sentences of a UTF-8 text, as byte ranges without the white space around them.
///
/// A sentence ends at a blank line; after 。！？; and after . ! ? … (with the quotes and brackets that close
/// behind it) where white space or the text's end follows. A full stop ends nothing where the next word
/// begins in lower case, or where it belongs to an initial ("J. Smith") or a common title ("Dr.").
struct SentenceBoundaries: Sequence, IteratorProtocol {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  private static let titles: Set<String> = ["Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Jr", "Sr", "vs", "No"]

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func next() -> Range<Int>? {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count {
      if let end = sentenceEnd(at: position, from: start) {
        position = end
        return start..<end
      }
      if isBlankLine(at: position) { break }
      position += 1
    }
    var end = position
    while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  /// Where the sentence ends whose last mark stands here; nil where none does.
  private func sentenceEnd(at offset: Int, from start: Int) -> Int? {
    if matches(offset, [0xE3, 0x80, 0x82]) || matches(offset, [0xEF, 0xBC, 0x81])
      || matches(offset, [0xEF, 0xBC, 0x9F])
    {
      return closing(after: offset + 3)
    }
    let mark = bytes[offset]
    let isEllipsis = matches(offset, [0xE2, 0x80, 0xA6])
    guard mark == UInt8(ascii: ".") || mark == UInt8(ascii: "!") || mark == UInt8(ascii: "?") || isEllipsis
    else { return nil }
    let end = closing(after: offset + (isEllipsis ? 3 : 1))
    guard end == bytes.count || Self.isSpace(bytes[end]) else { return nil }
    if mark == UInt8(ascii: "."), end < bytes.count, isAbbreviation(endingAt: offset, from: start, next: end)
    {
      return nil
    }
    return end
  }

  /// Behind quotes and brackets that close.
  private func closing(after offset: Int) -> Int {
    var offset = offset
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "."),
        UInt8(ascii: "!"), UInt8(ascii: "?"):
        offset += 1
      default:
        guard
          matches(offset, [0xE2, 0x80, 0x9D]) || matches(offset, [0xE2, 0x80, 0x99])
            || matches(offset, [0xE3, 0x80, 0x8D])
        else { return offset }
        offset += 3
      }
    }
    return offset
  }

  private func isAbbreviation(endingAt stop: Int, from start: Int, next: Int) -> Bool {
    var word = next
    while word < bytes.count, Self.isSpace(bytes[word]) { word += 1 }
    if word < bytes.count, bytes[word] >= UInt8(ascii: "a"), bytes[word] <= UInt8(ascii: "z") {
      return !isBlankLine(at: next)
    }
    var first = stop
    while first > start, Self.isLetter(bytes[first - 1]), stop - first <= 4 { first -= 1 }
    let isWholeWord = first == start || !Self.isLetter(bytes[first - 1])
    guard isWholeWord, first < stop else { return false }
    if stop - first == 1 { return bytes[first] >= UInt8(ascii: "A") && bytes[first] <= UInt8(ascii: "Z") }
    return Self.titles.contains(String(decoding: bytes[first..<stop], as: UTF8.self))
  }

  /// Whether a line ends here and the next one is blank.
  private func isBlankLine(at offset: Int) -> Bool {
    guard bytes[offset] == UInt8(ascii: "\n") else { return false }
    var next = offset + 1
    while next < bytes.count,
      bytes[next] == UInt8(ascii: " ") || bytes[next] == UInt8(ascii: "\t")
        || bytes[next] == UInt8(ascii: "\r")
    {
      next += 1
    }
    return next < bytes.count && bytes[next] == UInt8(ascii: "\n")
  }

  private func matches(_ offset: Int, _ pattern: [UInt8]) -> Bool {
    offset + pattern.count <= bytes.count && bytes[offset] == pattern[0]
      && (1..<pattern.count).allSatisfy { bytes[offset + $0] == pattern[$0] }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") || byte >= 0x80
  }
}
