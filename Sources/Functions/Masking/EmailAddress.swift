/// E-mail addresses as people write them (RFC 5321's dot-string, with letters of all scripts, RFC 6531).
enum EmailAddress {
  /// RFC 5321, section 4.5.3.1.
  private static let longestLocalPart = 64
  private static let longestDomain = 255

  private static func localLength(_ text: TextBytes, _ index: Int) -> Int {
    switch text[index] {
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      1
    default: text.letterLength(at: index)
    }
  }

  /// The address around an at sign.
  static func range(_ text: TextBytes, around at: Int) -> Range<Int>? {
    guard let end = domainEnd(text, from: at + 1) else { return nil }
    var start = at
    while start > 0 {
      var previous = start - 1
      while previous > start - 4, previous > 0, text[previous] & 0xC0 == 0x80 { previous -= 1 }
      guard localLength(text, previous) == start - previous else { break }
      start = previous
      guard at - start <= longestLocalPart else { return nil }
    }
    while start < at,
      [UInt8(ascii: "."), UInt8(ascii: "'"), UInt8(ascii: "-"), UInt8(ascii: "&")].contains(text[start])
    {
      start += 1
    }
    guard start < at, text[at - 1] != UInt8(ascii: ".") else { return nil }
    for index in start..<at where text[index] == UInt8(ascii: ".") && text[index + 1] == UInt8(ascii: ".") {
      return nil
    }
    return start..<end
  }

  /// Where a name of at least two parts ends, whose last one is a word.
  static func domainEnd(_ text: TextBytes, from start: Int) -> Int? {
    var end: Int?
    var index = start
    var labels = 0
    while index - start <= longestDomain {
      let label = index
      var letters = 0
      while index - label <= 63 {
        let length = text.letterLength(at: index)
        if length > 0 {
          letters += 1
          index += length
        } else if text.isDigit(at: index) || (text[index] == UInt8(ascii: "-") && index > label) {
          index += 1
        } else {
          break
        }
      }
      var labelEnd = index
      while labelEnd > label, text[labelEnd - 1] == UInt8(ascii: "-") { labelEnd -= 1 }
      guard labelEnd > label else { break }
      labels += 1
      // The last part has letters alone, but for those that spell another script (xn--…).
      if labels > 1, letters > 1,
        letters == scalars(text, label..<labelEnd) || text.matches("xn--", at: label)
      {
        end = labelEnd
      }
      guard labelEnd == index, text[index] == UInt8(ascii: ".") else { break }
      index += 1
    }
    return end
  }

  private static func scalars(_ text: TextBytes, _ range: Range<Int>) -> Int {
    range.reduce(0) { $0 + (text[$1] & 0xC0 == 0x80 ? 0 : 1) }
  }
}
