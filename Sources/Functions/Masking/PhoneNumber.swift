/// Telephone numbers as people write them: international ones (E.164, with `+` or `00`), those of North America,
/// national ones with a leading zero or a bracketed prefix, and shorter ones behind a word such as "phone".
enum PhoneNumber {
  private struct Reading {
    var end: Int
    /// Digits of each group.
    var groups: [Int] = []
    var digits: Int { groups.reduce(0, +) }
  }

  static func end(_ text: TextBytes, from start: Int) -> Int? {
    let plus = text[start] == UInt8(ascii: "+")
    let reading = read(text, from: plus ? start + 1 : start)
    guard isPhone(text, start, reading, plus: plus) else { return nil }
    let end = extensionEnd(text, from: reading.end)
    return end == reading.end && text.wordBegins(at: end) ? nil : end
  }

  private static func isPhone(_ text: TextBytes, _ start: Int, _ reading: Reading, plus: Bool) -> Bool {
    let digits = reading.digits
    guard digits >= 5, digits <= 17 else { return false }
    if plus { return (7...15).contains(digits) && text[start + 1] != UInt8(ascii: "0") }
    if text.matches("00", at: start), text.isDigit(at: start + 2), text[start + 2] != UInt8(ascii: "0") {
      return digits >= 9 && reading.groups.count > 1 || digits >= 11 && digits <= 16
    }
    if text[start] == UInt8(ascii: "(") { return (7...12).contains(digits) && reading.groups.count > 1 }
    if text[start] == UInt8(ascii: "0") {
      // A decimal fraction.
      if text[start + 1] == UInt8(ascii: ".") { return false }
      return reading.groups.count > 1 ? (9...12).contains(digits) : (10...11).contains(digits)
    }
    if isNorthAmerican(text, start, reading) { return true }
    return digits <= 12 && followsPhoneWord(text, start)
  }

  /// 555-123-4567, perhaps with a 1 in front.
  private static func isNorthAmerican(_ text: TextBytes, _ start: Int, _ reading: Reading) -> Bool {
    var groups = reading.groups[...]
    var first = start
    if groups.first == 1, text[start] == UInt8(ascii: "1") {
      groups = groups.dropFirst()
      first = start + 2
      if text[first] == UInt8(ascii: "(") { first += 1 }
    }
    return groups.elementsEqual([3, 3, 4]) && text[first] >= UInt8(ascii: "2")
  }

  /// Digits in groups, with one separator between two of them, of which brackets may be a part.
  private static func read(_ text: TextBytes, from start: Int) -> Reading {
    var reading = Reading(end: start)
    var index = start
    var total = 0
    while reading.groups.count < 8 {
      var first = index
      var hasBracket = false
      if text[first] == UInt8(ascii: "(") {
        hasBracket = true
        first += 1
      }
      var end = text.digitsEnd(from: first, most: 16)
      guard end > first, total + end - first <= 17 else { break }
      let count = end - first
      if hasBracket {
        guard text[end] == UInt8(ascii: ")") else { break }
        end += 1
      }
      reading.groups.append(count)
      total += count
      reading.end = end
      guard let next = separatorEnd(text, from: end, isAfterBracket: hasBracket) else { break }
      index = next
    }
    return reading
  }

  private static func separatorEnd(_ text: TextBytes, from start: Int, isAfterBracket: Bool) -> Int? {
    var index = start
    if text[index] == UInt8(ascii: " ") { index += 1 }
    switch text[index] {
    case UInt8(ascii: "-"), UInt8(ascii: "/"): index += 1
    case UInt8(ascii: ".") where index == start: return index + 1
    // A hyphen that does not break (U+2011), an en dash (U+2013).
    case 0xE2 where text[index + 1] == 0x80 && [0x91, 0x93].contains(text[index + 2]): index += 3
    // A space that does not break (U+00A0).
    case 0xC2 where text[index + 1] == 0xA0: index += 2
    default: return index > start || isAfterBracket || text[index] == UInt8(ascii: "(") ? index : nil
    }
    if text[index] == UInt8(ascii: " "), text[start] == UInt8(ascii: " ") { index += 1 }
    return index
  }

  /// "ext. 12", "x12".
  private static func extensionEnd(_ text: TextBytes, from end: Int) -> Int {
    var index = end
    if text[index] == UInt8(ascii: ",") { index += 1 }
    if text[index] == UInt8(ascii: " ") { index += 1 }
    guard index > end || text[index] | 0x20 == UInt8(ascii: "x") else { return end }
    let (word, wordEnd) = text.lowercasedWord(at: index)
    guard ["ext", "extension", "x", "durchwahl", "poste"].contains(word) else { return end }
    index = wordEnd
    if text[index] == UInt8(ascii: ".") { index += 1 }
    if text[index] == UInt8(ascii: " ") { index += 1 }
    let last = text.digitsEnd(from: index, most: 6)
    return last > index && last - index <= 6 && !text.wordBegins(at: last) ? last : end
  }

  private static let phoneWords: Set<String> = [
    "tel", "telephone", "phone", "ph", "fax", "mobile", "mob", "cell", "call", "dial", "text", "sms",
    "whatsapp",
    "telefon", "telefax", "handy", "mobil", "anruf", "téléphone", "tél", "portable", "teléfono", "móvil",
    "telefono",
    "cellulare", "telefoon", "hotline",
  ]
  private static let fillers: Set<String> = [
    "at", "on", "number", "no", "nr", "is", "us", "me", "num", "numéro", "número",
  ]

  /// Whether the word before, or the one before a word such as "at", announces a telephone number.
  private static func followsPhoneWord(_ text: TextBytes, _ start: Int) -> Bool {
    var index = start
    for _ in 0..<3 {
      while index > max(0, start - 40),
        [UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "#")].contains(text[index - 1])
      {
        index -= 1
      }
      var begin = index
      while begin > 0, index - begin < 16, text[begin - 1] >= 0x80 || TextBytes.isLetter(text[begin - 1]) {
        begin -= 1
      }
      let (word, end) = text.lowercasedWord(at: begin)
      guard end == index, !word.isEmpty else { return false }
      if phoneWords.contains(word) { return true }
      guard fillers.contains(word) else { return false }
      index = begin
    }
    return false
  }
}
