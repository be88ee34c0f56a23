/// URLs (RFC 3986) with a scheme, or a bare host that begins with `www.` or ends in one of the oldest domains.
enum WebAddress {
  private static let longestScheme = 40

  /// The address that begins there, or inside the word there: people put addresses right behind a word.
  static func range(_ text: TextBytes, from start: Int) -> Range<Int>? {
    guard let end = end(text, from: start) else { return nil }
    var begin = start
    if let host = hostStart(text, from: start) {
      for scheme: StaticString in ["https", "http", "ftp"] {
        let place = host - 3 - scheme.utf8CodeUnitCount
        if place > start, text.matches(scheme, at: place), text[place - 1] != UInt8(ascii: "+") {
          begin = place
          break
        }
      }
    }
    return begin..<end
  }

  private static func end(_ text: TextBytes, from start: Int) -> Int? {
    if let host = hostStart(text, from: start) {
      if let path = literalEnd(text, from: host) {
        return trimmed(text, path..<charactersEnd(text, from: path))
      }
      guard text.wordBegins(at: host) else { return nil }
      return trimmed(text, host..<charactersEnd(text, from: host))
    }
    // In the middle of a name there is no beginning.
    guard !"@.-".utf8.contains(text[start - 1]), let domain = EmailAddress.domainEnd(text, from: start),
      text[domain] != UInt8(ascii: "@")
    else {
      return nil
    }
    if !text.matches("www.", at: start), !hasKnownDomain(text, start..<domain) { return nil }
    switch text[domain] {
    case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ":"):
      return trimmed(text, start..<charactersEnd(text, from: domain))
    default: return domain
    }
  }

  /// What follows `scheme://`.
  private static func hostStart(_ text: TextBytes, from start: Int) -> Int? {
    guard TextBytes.isLetter(text[start]) else { return nil }
    var index = start + 1
    while index - start < longestScheme, text.isAlphanumeric(at: index) || text[index] == UInt8(ascii: "+") {
      index += 1
    }
    return text.matches("://", at: index) ? index + 3 : nil
  }

  /// Behind a host that is an address in brackets.
  private static func literalEnd(_ text: TextBytes, from start: Int) -> Int? {
    guard text[start] == UInt8(ascii: "["), let end = InternetAddress.version6(text, from: start + 1),
      text[end] == UInt8(ascii: "]")
    else { return nil }
    return end + 1
  }

  private static func hasKnownDomain(_ text: TextBytes, _ range: Range<Int>) -> Bool {
    var last = range.upperBound
    while last > range.lowerBound, text[last - 1] != UInt8(ascii: ".") { last -= 1 }
    let (word, end) = text.lowercasedWord(at: last)
    return end == range.upperBound && ["com", "org", "net", "edu", "gov", "info", "biz"].contains(word)
  }

  private static func charactersEnd(_ text: TextBytes, from start: Int) -> Int {
    var index = start
    while index < text.count {
      switch text[index] {
      case 0...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "`"),
        UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
        UInt8(ascii: "["), UInt8(ascii: "]"):
        return index
      case 0x80...:
        let length = text.letterLength(at: index)
        guard length > 0 else { return index }
        index += length
      default: index += 1
      }
    }
    return index
  }

  /// Without the punctuation of the sentence around it, and up to a bracket that was opened before it.
  private static func trimmed(_ text: TextBytes, _ range: Range<Int>) -> Int {
    var end = range.upperBound
    var depth = 0
    for index in range {
      if text[index] == UInt8(ascii: "(") { depth += 1 }
      if text[index] == UInt8(ascii: ")") { depth -= 1 }
      guard depth >= 0 else {
        end = index
        break
      }
    }
    while end > range.lowerBound, ".,;:!?'*_".utf8.contains(text[end - 1]) { end -= 1 }
    return end
  }
}
