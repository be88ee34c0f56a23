/// Looks around in UTF-8 text on behalf of the sentence segmenter. Every position stays within the text.
struct TextCursor {
  let bytes: UnsafePointer<UInt8>
  let end: Int

  /// White space that holds a line break.
  struct LineGap {
    /// The first byte of the line break.
    var start: Int
    /// The first byte behind the white space.
    var next: Int
    /// There is a blank line or a paragraph separator in it.
    var isParagraph: Bool
  }

  /// A run of stops with the closing quotes and brackets behind it.
  struct StopRun {
    var start: Int
    var end: Int
    /// Exactly one ASCII full stop.
    var isSingleFullStop: Bool
    /// Several full stops, or U+2026, without `!` and `?`.
    var isEllipsis: Bool
    var hasClosers: Bool
  }

  /// The letters, digits and inner full stops before a full stop.
  struct Word {
    var start: Int
    /// In lower case where it is ASCII; empty where it is longer than any abbreviation or there is none.
    var key: String
    var isNumber: Bool
    /// One capital letter.
    var isInitial: Bool
    /// Letters one or two at a time between full stops: `U.S`, `Ph.D`.
    var isAcronym: Bool
    var hasVowel: Bool
  }

  @inline(__always)
  func scalar(at index: Int) -> (scalar: UInt32, next: Int) {
    let step = UTF8Decoding.step(bytes, at: index, end: end)
    return (step.scalar, index &+ step.length)
  }

  func skipWhiteSpace(from start: Int) -> Int {
    var index = start
    while index < end {
      let (scalar, next) = scalar(at: index)
      guard WhiteSpace.contains(scalar) else { break }
      index = next
    }
    return index
  }

  /// Whether there is only white space from `start` to `stop`. Looks back from `stop`, so that asking about every
  /// word of a text takes time in proportion to the text.
  func isBlank(before stop: Int, from start: Int) -> Bool {
    var index = stop
    while index > start {
      var last = index - 1
      while last > start && bytes[last] & 0xC0 == 0x80 { last -= 1 }
      guard WhiteSpace.contains(scalar(at: last).scalar) else { return false }
      index = last
    }
    return true
  }

  func lineGap(from start: Int) -> LineGap {
    var breaks = 0
    var index = start
    var previous: UInt32 = 0
    while index < end {
      let (scalar, next) = scalar(at: index)
      guard WhiteSpace.contains(scalar) else { break }
      switch scalar {
      case 0x0A: breaks += previous == 0x0D ? 0 : 1
      case 0x0D, 0x2028: breaks += 1
      case 0x2029: breaks += 2
      default: break
      }
      previous = scalar
      index = next
    }
    return LineGap(start: start, next: index, isParagraph: breaks > 1)
  }

  func stopRun(from start: Int) -> StopRun {
    var index = start
    var fullStops = 0
    var hasEllipsis = false
    var others = 0
    scan: while index < end {
      let (scalar, next) = scalar(at: index)
      switch scalar {
      case 0x2E: fullStops += 1
      case 0x2026: hasEllipsis = true
      case 0x21, 0x3F, 0x203C, 0x2047...0x2049, 0x3002, 0xFF01, 0xFF1F, 0xFF61: others += 1
      case 0x061F, 0x06D4, 0x0964, 0x0965, 0x1362, 0x0589: others += 1
      default: break scan
      }
      index = next
    }
    let stopsEnd = index
    while index < end {
      let (scalar, next) = scalar(at: index)
      guard Self.isCloser(scalar) else { break }
      index = next
    }
    return StopRun(
      start: start, end: index, isSingleFullStop: fullStops == 1 && others == 0 && !hasEllipsis,
      isEllipsis: others == 0 && (fullStops > 1 || hasEllipsis), hasClosers: index > stopsEnd)
  }

  private static func isCloser(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x22, 0x27, 0x29, 0x5D, 0x7D, 0xBB, 0x2019, 0x201D, 0x203A: true
    case 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0xFF09, 0xFF3D, 0xFF5D, 0xFF63: true
    default: false
    }
  }

  private static func isOpener(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x22, 0x27, 0x28, 0x5B, 0x7B, 0xA1, 0xAB, 0xBF, 0x2018, 0x201A, 0x201C, 0x201E, 0x2039: true
    default: false
    }
  }

  /// Whether the text at `index`, opening quotes and brackets aside, begins with a lower-case letter.
  func beginsInLowerCase(_ start: Int) -> Bool {
    var index = start
    while index < end {
      let (scalar, next) = scalar(at: index)
      if Self.isOpener(scalar) {
        index = next
        continue
      }
      if scalar < 0x80 { return scalar >= 0x61 && scalar <= 0x7A }
      return Unicode.Scalar(scalar)?.properties.isLowercase ?? false
    }
    return false
  }

  private static func isWordScalar(_ scalar: UInt32) -> Bool {
    guard scalar < 0x80 else { return Unicode.Scalar(scalar)?.properties.isAlphabetic ?? false }
    let byte = UInt8(truncatingIfNeeded: scalar)
    return isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".")
  }

  func isDigit(at index: Int) -> Bool { index < end && Self.isDigit(bytes[index]) }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  private static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }

  /// Whether the text of a line between the positions has at least so many scalars.
  func isLine(from start: Int, to stop: Int, atLeast length: Int) -> Bool {
    var count = 0
    var index = start
    while index < stop && count < length {
      if bytes[index] & 0xC0 != 0x80 { count += 1 }
      index += 1
    }
    return count >= length
  }

  /// Whether a list item begins at `index`: a bullet, or a short number or letter with `.` or `)`, then a space.
  func isListItem(at index: Int) -> Bool {
    guard index < end else { return false }
    let (first, next) = scalar(at: index)
    switch first {
    case 0x2D, 0x2A, 0x2B, 0xB7, 0x2013, 0x2014, 0x2022, 0x2023, 0x2043, 0x25AA, 0x25CF, 0x25E6, 0x30FB:
      return next < end && WhiteSpace.contains(scalar(at: next).scalar)
    default: break
    }
    var mark = index
    if Self.isLetter(bytes[mark]) {
      mark += 1
    } else {
      while mark < end && mark - index < 3 && Self.isDigit(bytes[mark]) { mark += 1 }
    }
    guard mark > index, mark + 1 < end else { return false }
    guard bytes[mark] == UInt8(ascii: ".") || bytes[mark] == UInt8(ascii: ")") else { return false }
    return WhiteSpace.contains(scalar(at: mark + 1).scalar)
  }

  /// The word that ends right before `stop`.
  func wordBefore(_ stop: Int) -> Word {
    var start = stop
    // No abbreviation is longer than 12 bytes; a longer word is no abbreviation whatever its start.
    while start > 0 && stop - start < 13 {
      var last = start - 1
      while last > 0 && bytes[last] & 0xC0 == 0x80 { last -= 1 }
      guard Self.isWordScalar(scalar(at: last).scalar) else { break }
      start = last
    }
    let length = stop - start
    let letters = UnsafeBufferPointer(start: bytes + start, count: length)
    let isShort = length < 13
    var word = Word(
      start: start, key: "", isNumber: isShort && length > 0 && letters.allSatisfy(Self.isDigit),
      isInitial: false, isAcronym: false, hasVowel: length > 6)
    guard isShort else {
      word.key = "long"
      return word
    }
    var segment = 0
    var dots = 0
    var acronym = true
    for byte in letters {
      if byte == UInt8(ascii: ".") {
        acronym = acronym && segment > 0
        dots += 1
        segment = 0
      } else {
        segment += 1
        acronym = acronym && segment < 3 && Self.isLetter(byte)
      }
      switch byte | 0x20 {
      case 0x61, 0x65, 0x69, 0x6F, 0x75, 0x79: word.hasVowel = true
      default: word.hasVowel = word.hasVowel || byte >= 0x80
      }
    }
    word.key = String(decoding: letters.map { Self.isLetter($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    word.isAcronym = acronym && dots > 0 && segment > 0
    word.isInitial =
      length == 1 && letters[0] >= 0x41 && letters[0] <= 0x5A && letters[0] != UInt8(ascii: "I")
    return word
  }

  /// The ASCII word at `index`, opening quotes aside, in lower case, if it begins with a capital; else "".
  func capitalisedWord(at start: Int) -> String {
    var index = start
    while index < end {
      let (scalar, next) = scalar(at: index)
      guard Self.isOpener(scalar) else { break }
      index = next
    }
    guard index < end, bytes[index] >= 0x41, bytes[index] <= 0x5A else { return "" }
    var stop = index
    while stop < end && stop - index < 16 && Self.isLetter(bytes[stop]) { stop += 1 }
    let letters = UnsafeBufferPointer(start: bytes + index, count: stop - index)
    return String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self)
  }
}
