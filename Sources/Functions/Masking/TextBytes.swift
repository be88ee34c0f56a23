/// A text's bytes, read without bounds to mind: outside there are zeros.
struct TextBytes {
  let bytes: UnsafeBufferPointer<UInt8>

  var count: Int { bytes.count }

  @inline(__always)
  subscript(index: Int) -> UInt8 {
    index >= 0 && index < bytes.count ? bytes[index] : 0
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

  @inline(__always)
  static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

  static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6 }

  func isDigit(at index: Int) -> Bool { Self.isDigit(self[index]) }
  func isAlphanumeric(at index: Int) -> Bool { Self.isAlphanumeric(self[index]) }

  /// The number of bytes of the letter that begins there, of whatever script; 0 where there is none.
  func letterLength(at index: Int) -> Int {
    let lead = self[index]
    if lead < 0x80 { return Self.isLetter(lead) ? 1 : 0 }
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0
    guard length > 0, index >= 0, index + length <= count,
      let text = String(validating: bytes[index..<(index + length)], as: UTF8.self),
      let scalar = text.unicodeScalars.first
    else { return 0 }
    return scalar.properties.isAlphabetic ? length : 0
  }

  /// Whether the byte before belongs to a word that goes on here.
  func isInsideWord(_ index: Int) -> Bool { wordEnds(at: index - 1) }

  /// Whether the scalar whose last byte is there is a letter or a digit.
  private func wordEnds(at index: Int) -> Bool {
    let byte = self[index]
    guard byte >= 0x80 else { return Self.isAlphanumeric(byte) }
    var start = index
    while start > index - 3, self[start] & 0xC0 == 0x80 { start -= 1 }
    return letterLength(at: start) == index - start + 1
  }

  /// Whether a word begins or goes on there.
  func wordBegins(at index: Int) -> Bool { isDigit(at: index) || letterLength(at: index) > 0 }

  /// Where the digits that begin there end; no more than `most` are looked at, and one more.
  func digitsEnd(from start: Int, most: Int) -> Int {
    var end = start
    while end - start <= most, isDigit(at: end) { end += 1 }
    return end
  }

  /// A number of few digits; nil where there are none, or more than 9.
  func number(_ range: Range<Int>) -> Int? {
    guard !range.isEmpty, range.count <= 9 else { return nil }
    var value = 0
    for index in range {
      guard isDigit(at: index) else { return nil }
      value = value * 10 + Int(self[index] - UInt8(ascii: "0"))
    }
    return value
  }

  /// Whether ASCII text, given in lower case, stands there in whatever case.
  func matches(_ text: StaticString, at index: Int) -> Bool {
    text.withUTF8Buffer { wanted in
      for (offset, byte) in wanted.enumerated() {
        let found = self[index + offset]
        guard found == byte || (Self.isLetter(found) && found | 0x20 == byte) else { return false }
      }
      return true
    }
  }

  /// The word of ASCII letters there, in lower case; empty where there is none, or a long one.
  func lowercasedWord(at start: Int) -> (text: String, end: Int) {
    var end = start
    var word: [UInt8] = []
    while end - start < 16 {
      let length = letterLength(at: end)
      guard length > 0 else { break }
      for byte in end..<(end + length) {
        word.append(Self.isLetter(self[byte]) ? self[byte] | 0x20 : self[byte])
      }
      end += length
    }
    guard letterLength(at: end) == 0 else { return ("", start) }
    return (String(decoding: word, as: UTF8.self), end)
  }
}
