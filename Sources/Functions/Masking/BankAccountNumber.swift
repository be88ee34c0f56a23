/// International bank account numbers (ISO 13616): the country's length and the check digits (ISO 7064, modulo 97)
/// must be right.
enum BankAccountNumber {
  static func end(_ text: TextBytes, from start: Int) -> Int? {
    guard TextBytes.isLetter(text[start]), TextBytes.isLetter(text[start + 1]), text.isDigit(at: start + 2),
      text.isDigit(at: start + 3)
    else { return nil }
    let country = String(decoding: [text[start] & 0xDF, text[start + 1] & 0xDF], as: UTF8.self)
    guard let length = lengths[country] else { return nil }
    var characters: [UInt8] = []
    var index = start
    while characters.count < length {
      let byte = text[index]
      if TextBytes.isAlphanumeric(byte) {
        characters.append(byte)
      } else if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "-") || characters.count % 4 != 0
        || !text.isAlphanumeric(at: index + 1)
      {
        return nil
      }
      index += 1
    }
    guard !text.wordBegins(at: index), text[index] != UInt8(ascii: "_") else { return nil }
    return remainder(characters) == 1 ? index : nil
  }

  private static func remainder(_ characters: [UInt8]) -> Int {
    (characters.dropFirst(4) + characters.prefix(4)).reduce(0) { remainder, byte in
      if TextBytes.isDigit(byte) { return (remainder * 10 + Int(byte - UInt8(ascii: "0"))) % 97 }
      return (remainder * 100 + Int(byte & 0xDF) - 55) % 97
    }
  }

  /// From the registry that SWIFT keeps.
  private static let lengths: [String: Int] = [
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
    "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20,
    "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27,
    "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
    "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28,
    "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19,
    "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
    "YE": 30,
  ]
}
