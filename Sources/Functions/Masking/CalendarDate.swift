/// Dates: ISO 8601, the common numeric forms, and those with a month's name in English, German, French, Spanish,
/// Italian, Portuguese or Dutch. The day must be one of the month.
enum CalendarDate {
  /// - Parameter start: where a number or a word begins.
  static func end(_ text: TextBytes, from start: Int) -> Int? {
    guard text.isDigit(at: start) else { return monthFirst(text, from: start) }
    return numeric(text, from: start) ?? dayFirst(text, from: start)
  }

  // MARK: Numbers

  private static func numeric(_ text: TextBytes, from start: Int) -> Int? {
    let first = text.digitsEnd(from: start, most: 4)
    let separator = text[first]
    guard first - start <= 4, [UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ".")].contains(separator)
    else { return nil }
    let second = text.digitsEnd(from: first + 1, most: 2)
    guard second > first + 1, second - first - 1 <= 2, text[second] == separator else { return nil }
    let third = text.digitsEnd(from: second + 1, most: 4)
    guard let a = text.number(start..<first), let b = text.number(first + 1..<second),
      let c = text.number(second + 1..<third)
    else { return nil }
    let hasTwoDigits = first - start == 2 && second - first == 3
    let isDate: Bool
    switch (first - start, third - second - 1) {
    case (4, 1...2): isDate = isYear(a) && isDay(c, b)
    case (1...2, 4): isDate = isYear(c) && (isDay(a, b) || isDay(b, a))
    // 1.2.03 might be the number of a version or a chapter.
    case (1...2, 2): isDate = (hasTwoDigits || separator == UInt8(ascii: "/")) && (isDay(a, b) || isDay(b, a))
    default: isDate = false
    }
    guard isDate else { return nil }
    let end = timeEnd(text, from: third) ?? third
    let goesOn =
      text.wordBegins(at: end) || text[end] == UInt8(ascii: "_")
      || ([separator, UInt8(ascii: ".")].contains(text[end]) && text.isDigit(at: end + 1))
    return goesOn ? nil : end
  }

  /// The time of a time stamp: `T10:30`, `T10:30:15.5Z`, `T10:30+01:00`.
  private static func timeEnd(_ text: TextBytes, from start: Int) -> Int? {
    guard text[start] | 0x20 == UInt8(ascii: "t"), text.number(start + 1..<start + 3) != nil,
      text[start + 3] == UInt8(ascii: ":"), text.number(start + 4..<start + 6) != nil
    else { return nil }
    var end = start + 6
    if text[end] == UInt8(ascii: ":"), text.number(end + 1..<end + 3) != nil { end += 3 }
    if text[end] == UInt8(ascii: "."), text.isDigit(at: end + 1) {
      end = text.digitsEnd(from: end + 1, most: 9)
    }
    if text[end] | 0x20 == UInt8(ascii: "z") { return end + 1 }
    if text[end] == UInt8(ascii: "+") || text[end] == UInt8(ascii: "-"), text.number(end + 1..<end + 3) != nil
    {
      end += 3
      if text[end] == UInt8(ascii: ":") { end += 1 }
      if text.number(end..<end + 2) != nil { end += 2 }
    }
    return end
  }

  private static func isYear(_ number: Int) -> Bool { (1_000...2_999).contains(number) }

  private static func isDay(_ day: Int, _ month: Int) -> Bool {
    guard (1...12).contains(month), day >= 1 else { return false }
    return day <= [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  // MARK: Names

  /// "5 January 2024", "5th of Jan", "5. Januar 2024", "5 de enero de 2024".
  private static func dayFirst(_ text: TextBytes, from start: Int) -> Int? {
    var index = text.digitsEnd(from: start, most: 2)
    guard let day = text.number(start..<index), index - start <= 2 else { return nil }
    let suffix = text.lowercasedWord(at: index)
    if ["st", "nd", "rd", "th", "er", "e"].contains(suffix.text) {
      index = suffix.end
    } else if text[index] == UInt8(ascii: ".") {
      index += 1
    } else if text.matches("º", at: index) {
      index += 2
    }
    if text[index] == UInt8(ascii: "-") {
      index += 1
    } else {
      guard let next = skipSpaces(text, from: index, orNone: text[index - 1] == UInt8(ascii: ".")) else {
        return nil
      }
      index = next
      let word = text.lowercasedWord(at: index)
      if ["of", "de"].contains(word.text), let next = skipSpaces(text, from: word.end) { index = next }
    }
    guard let (month, end, isSure) = month(text, at: index), isDay(day, month) else { return nil }
    if let year = year(text, from: end) { return year }
    return isSure && !text.wordBegins(at: end) ? end : nil
  }

  /// "January 5, 2024", "Jan. 5th", "January 2024".
  private static func monthFirst(_ text: TextBytes, from start: Int) -> Int? {
    guard let (month, end, isSure) = month(text, at: start) else { return nil }
    guard let index = skipSpaces(text, from: end) else { return nil }
    let digits = text.digitsEnd(from: index, most: 4)
    guard let number = text.number(index..<digits) else { return nil }
    if digits - index == 4 { return isYear(number) && !text.wordBegins(at: digits) ? digits : nil }
    guard digits - index <= 2, isDay(number, month) else { return nil }
    var day = digits
    let suffix = text.lowercasedWord(at: day)
    if ["st", "nd", "rd", "th"].contains(suffix.text) { day = suffix.end }
    if let year = year(text, from: day) { return year }
    // "May 5.5" and "March 10:30" are none.
    let goesOn =
      text.wordBegins(at: day)
      || ([UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "%")].contains(text[day])
        && (text.isDigit(at: day + 1) || text[day] == UInt8(ascii: "%")))
    return isSure && !goesOn ? day : nil
  }

  /// The end of the year that follows a day and a month.
  private static func year(_ text: TextBytes, from start: Int) -> Int? {
    var index = start
    if text[index] == UInt8(ascii: ",") || text[index] == UInt8(ascii: "-") { index += 1 }
    if let next = skipSpaces(text, from: index) { index = next }
    let word = text.lowercasedWord(at: index)
    if ["de", "del"].contains(word.text), let next = skipSpaces(text, from: word.end) { index = next }
    guard index > start else { return nil }
    let end = text.digitsEnd(from: index, most: 4)
    guard end - index == 4, let number = text.number(index..<end), isYear(number), !text.wordBegins(at: end)
    else {
      return nil
    }
    return end
  }

  private static func skipSpaces(_ text: TextBytes, from start: Int, orNone: Bool = false) -> Int? {
    if text[start] == UInt8(ascii: " ") { return start + (text[start + 1] == UInt8(ascii: " ") ? 2 : 1) }
    return orNone ? start : nil
  }

  /// A month's name, with the full stop of an abbreviation.
  ///
  /// - Returns: also whether a day beside it makes a date without a year: where it is written with a capital, or
  ///   means nothing else.
  private static func month(_ text: TextBytes, at start: Int) -> (month: Int, end: Int, isSure: Bool)? {
    let (word, wordEnd) = text.lowercasedWord(at: start)
    guard word.utf8.count >= 3, let month = months[word] else { return nil }
    let isCapital = text[start] < 0x80 && text[start] & 0x20 == 0
    let isCommonWord = ["may", "march", "mar", "set", "dec", "ago", "mai", "out", "dez"].contains(word)
    let end = text[wordEnd] == UInt8(ascii: ".") && word.utf8.count <= 5 ? wordEnd + 1 : wordEnd
    return (month, end, isCapital || !isCommonWord)
  }

  private static let months: [String: Int] = {
    let names = [
      "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
      "february feb februar février févr febrero febbraio fevereiro fev februari",
      "march mar märz mär mars marzo março maart mrt",
      "april apr avril avr abril abr aprile",
      "may mai mayo maggio maio mei",
      "june jun juni juin junio giugno junho",
      "july jul juli juillet juil julio luglio julho",
      "august aug août agosto ago augustus",
      "september sept sep septembre septiembre settembre setembro set",
      "october oct oktober okt octobre octubre ottobre outubro out",
      "november nov novembre noviembre novembro",
      "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
    ]
    var months: [String: Int] = [:]
    for (index, line) in names.enumerated() {
      for name in line.split(separator: " ") { months[String(name)] = index + 1 }
    }
    return months
  }()
}
