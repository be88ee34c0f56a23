/// The numbers of payment cards (ISO/IEC 7812): 13 to 19 digits that begin as those of a network do and pass
/// Luhn's check (US patent 2,950,048, 1960).
enum CardNumber {
  static func end(_ text: TextBytes, from start: Int) -> Int? {
    var digits: [UInt8] = []
    var found: Int?
    var index = start
    /// What is between groups: a space or a hyphen, always the same.
    var separator: UInt8?
    while true {
      let group = text.digitsEnd(from: index, most: 19)
      guard group > index, digits.count + group - index <= 19 else { break }
      for place in index..<group { digits.append(text[place] - UInt8(ascii: "0")) }
      if digits.count >= 13, isCard(digits), !text.wordBegins(at: group), text[group] != UInt8(ascii: "_") {
        found = group
      }
      // Numbers are written in groups of four to seven, but for the last.
      guard (4...7).contains(group - index) else { break }
      let byte = text[group]
      guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-"), separator == nil || separator == byte
      else {
        break
      }
      separator = byte
      index = group + 1
    }
    return found
  }

  private static func isCard(_ digits: [UInt8]) -> Bool {
    let four = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
    let isNetwork = (3_000...6_999).contains(four) || (2_221...2_720).contains(four)
    return isNetwork && passesLuhn(digits)
  }

  private static func passesLuhn(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let value = Int(digit) * (place % 2 == 0 ? 1 : 2)
      sum += value > 9 ? value - 9 : value
    }
    return sum % 10 == 0
  }
}
