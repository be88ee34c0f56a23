/// IP addresses: version 4 in dotted form, version 6 in all its forms (RFC 4291, section 2.2).
enum InternetAddress {
  /// The end of the address that begins there, which no word goes on from.
  static func end(_ text: TextBytes, from start: Int) -> Int? {
    if let end = version4(text, from: start), isEnd(text, end) { return end }
    return version6(text, from: start)
  }

  private static func isEnd(_ text: TextBytes, _ index: Int) -> Bool {
    if text.wordBegins(at: index) || text[index] == UInt8(ascii: "_") { return false }
    // 1.2.3.4.5 is the number of a version.
    return !(text[index] == UInt8(ascii: ".") && text.isDigit(at: index + 1))
  }

  private static func version4(_ text: TextBytes, from start: Int) -> Int? {
    var index = start
    for part in 0..<4 {
      let end = text.digitsEnd(from: index, most: 3)
      guard let number = text.number(index..<end), end - index <= 3, number <= 255 else { return nil }
      if end - index > 1, text[index] == UInt8(ascii: "0") { return nil }
      index = end
      guard part < 3 else { break }
      guard text[index] == UInt8(ascii: ".") else { return nil }
      index += 1
    }
    return index
  }

  static func version6(_ text: TextBytes, from start: Int) -> Int? {
    var index = start
    var groups = 0
    var isShortened = false
    var hasDigit = false
    if text[index] == UInt8(ascii: ":") {
      guard text[index + 1] == UInt8(ascii: ":") else { return nil }
      isShortened = true
      index += 2
    }
    while groups < 8 {
      var end = index
      while end - index <= 4, TextBytes.isHexadecimal(text[end]) {
        hasDigit = hasDigit || text.isDigit(at: end)
        end += 1
      }
      guard end > index else { break }
      // The last two groups may be written as a version 4 address.
      if text[end] == UInt8(ascii: "."), groups <= 6, isShortened || groups == 6,
        let last = version4(text, from: index)
      {
        groups += 2
        index = last
        break
      }
      guard end - index <= 4 else { return nil }
      groups += 1
      index = end
      guard text[index] == UInt8(ascii: ":") else { break }
      if text[index + 1] == UInt8(ascii: ":") {
        guard !isShortened else { break }
        isShortened = true
        index += 2
      } else if TextBytes.isHexadecimal(text[index + 1]), groups < 8 {
        index += 1
      } else {
        break
      }
    }
    // Without a digit it is more likely a name in a programming language, such as a::b.
    guard hasDigit, isShortened ? groups < 8 : groups == 8, isEnd(text, index) else { return nil }
    let goesOn =
      text[index] == UInt8(ascii: ":")
      && (text[index + 1] == UInt8(ascii: ":") || text.wordBegins(at: index + 1))
    guard !goesOn else { return nil }
    return index
  }
}
