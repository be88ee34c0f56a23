/// The header Retry-After (RFC 9110, section 10.2.3): a number of seconds, or a date in one of the three forms of
/// section 5.6.7.
package enum RetryAfter {
  /// Seconds to wait, at least 0; nil where the header says nothing that can be read.
  ///
  /// - Parameter now: seconds since 1970.
  package static func seconds(_ header: String, now: Double) -> Double? {
    if let number = digits(Substring(header)) { return number <= 1 << 40 ? Double(number) : nil }
    guard let date = date(header) else { return nil }
    return max(0, date - now)
  }

  /// Seconds from 1970 to a date.
  static func date(_ text: String) -> Double? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
    // Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT
    if words.count == 6, words[5] == "GMT", let day = digits(words[1]), let month = month(words[2]),
      var year = digits(words[3]), let time = time(words[4])
    {
      // Two digits mean the year that is nearest and not far ahead.
      if words[3].count == 2 { year += year < 70 ? 2000 : 1900 }
      return seconds(year, month, day, time)
    }
    // Sun Nov  6 08:49:37 1994
    if words.count == 5, let month = month(words[1]), let day = digits(words[2]), let time = time(words[3]),
      let year = digits(words[4])
    {
      return seconds(year, month, day, time)
    }
    return nil
  }

  private static func digits(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 15, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
      return nil
    }
    return Int(text)
  }

  private static func month(_ name: String) -> Int? {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return names.firstIndex(of: name).map { $0 + 1 }
  }

  private static func time(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { digits($0) }
    guard parts.count == 3, parts[0] < 24, parts[1] < 60, parts[2] <= 60 else { return nil }
    return (parts[0] * 60 + parts[1]) * 60 + parts[2]
  }

  /// Howard Hinnant's days_from_civil: the days from 1970 to a date of the Gregorian calendar.
  private static func seconds(_ year: Int, _ month: Int, _ day: Int, _ time: Int) -> Double? {
    guard 1970...9999 ~= year, 1...31 ~= day else { return nil }
    let year = month <= 2 ? year - 1 : year
    let era = year / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Double((era * 146_097 + dayOfEra - 719_468) * 86_400 + time)
  }
}
