/// Numbers as text: what PostgreSQL's input functions take and its output functions write.
enum NumberText {
  /// An integer's text without the white space around it and without a plus sign; nil where it is none.
  static func integer(_ text: String) -> String? {
    guard let (number, isInteger) = scan(text), isInteger else { return nil }
    return number
  }

  /// A finite decimal number's text, likewise.
  static func decimal(_ text: String) -> String? {
    scan(text)?.number
  }

  /// A floating-point number's text, likewise; also NaN, Infinity and -Infinity, in any case.
  static func floatingPoint(_ text: String) -> String? {
    if let (number, _) = scan(text) { return number }
    var word = text.utf8.drop(while: ASCII.isSpace)
    while let last = word.last, ASCII.isSpace(last) { word.removeLast() }
    guard word.count <= 9 else { return nil }
    switch String(decoding: word.map(ASCII.lowercased), as: UTF8.self) {
    case "nan": return "NaN"
    case "inf", "+inf", "infinity", "+infinity": return "Infinity"
    case "-inf", "-infinity": return "-Infinity"
    default: return nil
    }
  }

  /// `[+-] digits [. digits] [e [+-] digits]`, with white space around it; digits may stand on either side of
  /// the point only.
  private static func scan(_ text: String) -> (number: String, isInteger: Bool)? {
    var text = text
    return text.withUTF8 { bytes -> (number: String, isInteger: Bool)? in
      var start = 0
      var end = bytes.count
      while start < end, ASCII.isSpace(bytes[start]) { start += 1 }
      while end > start, ASCII.isSpace(bytes[end - 1]) { end -= 1 }
      var position = start
      if position < end, bytes[position] == UInt8(ascii: "+") {
        position += 1
        start += 1
      } else if position < end, bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      let number = UnsafeBufferPointer(rebasing: bytes[position..<end])
      guard let scanned = scanUnsigned(number), scanned.end == number.count else { return nil }
      let all = UnsafeBufferPointer(rebasing: bytes[start..<end])
      return (String(decoding: all, as: UTF8.self), scanned.isInteger)
    }
  }

  /// Reads an unsigned number at the start of some bytes.
  ///
  /// - Returns: where it ends, and whether it has neither point nor exponent; nil where there is none.
  static func scanUnsigned(_ bytes: UnsafeBufferPointer<UInt8>) -> (end: Int, isInteger: Bool)? {
    var position = 0
    func digits() -> Int {
      let start = position
      while position < bytes.count, ASCII.isDigit(bytes[position]) { position += 1 }
      return position - start
    }
    var digitCount = digits()
    var isInteger = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      digitCount += digits()
    }
    guard digitCount > 0 else { return nil }
    let mantissaEnd = position
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      guard digits() > 0 else { return (mantissaEnd, isInteger) }
      isInteger = false
    }
    return (position, isInteger)
  }

  // MARK: Output

  /// A single-precision number as `float4out` writes it.
  static func text(_ value: Float) -> String {
    var bytes: [UInt8] = []
    write(value, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A double-precision number as `float8out` writes it.
  static func text(_ value: Double) -> String {
    var bytes: [UInt8] = []
    write(value, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes a single-precision number as `float4out` does: the fewest digits that read back as the same
  /// number, with an exponent where it is below -4 or from 6 upward. (Of some whole numbers beyond 2^24
  /// PostgreSQL writes a digit more than it takes; that is left out.)
  static func write(_ value: Float, into bytes: inout [UInt8]) {
    if value.isFinite {
      writeFinite(value.description, exponentLimit: 6, into: &bytes)
    } else {
      writeSpecial(isNaN: value.isNaN, isNegative: value < 0, into: &bytes)
    }
  }

  /// Writes a double-precision number as `float8out` does: an exponent below -4 or from 15 upward.
  static func write(_ value: Double, into bytes: inout [UInt8]) {
    if value.isFinite {
      writeFinite(value.description, exponentLimit: 15, into: &bytes)
    } else {
      writeSpecial(isNaN: value.isNaN, isNegative: value < 0, into: &bytes)
    }
  }

  private static func writeSpecial(isNaN: Bool, isNegative: Bool, into bytes: inout [UInt8]) {
    bytes.append(contentsOf: isNaN ? "NaN".utf8 : isNegative ? "-Infinity".utf8 : "Infinity".utf8)
  }

  /// Brings Swift's shortest form (`1e-05`, `123.456`, `100000.0`) into PostgreSQL's.
  private static func writeFinite(_ description: String, exponentLimit: Int, into bytes: inout [UInt8]) {
    var description = description
    description.withUTF8 { source in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: source.count) { digits in
        var count = 0
        var pointPlace: Int?
        var exponent = 0
        var place = 0
        var isNegative = false
        if source.first == UInt8(ascii: "-") {
          isNegative = true
          place = 1
        }
        mantissa: while place < source.count {
          let byte = source[place]
          place += 1
          switch byte {
          case UInt8(ascii: "."): pointPlace = count
          case UInt8(ascii: "e"):
            exponent = decimal(source[place...])
            break mantissa
          default:
            digits[count] = byte
            count += 1
          }
        }
        // The value is 0.d1d2d3… times 10 to the power of `scale`, once leading zeros are gone.
        var scale = (pointPlace ?? count) + exponent
        var first = 0
        while first < count, digits[first] == UInt8(ascii: "0") {
          first += 1
          scale -= 1
        }
        while count > first, digits[count - 1] == UInt8(ascii: "0") { count -= 1 }
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        guard first < count else {
          bytes.append(UInt8(ascii: "0"))
          return
        }
        let significant = UnsafeBufferPointer(rebasing: digits[first..<count])
        if scale - 1 < -4 || scale - 1 >= exponentLimit {
          writeScientific(significant, exponent: scale - 1, into: &bytes)
        } else {
          writeFixed(significant, scale: scale, into: &bytes)
        }
      }
    }
  }

  private static func writeScientific(
    _ digits: UnsafeBufferPointer<UInt8>, exponent: Int, into bytes: inout [UInt8]
  ) {
    bytes.append(digits[0])
    if digits.count > 1 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: digits.dropFirst())
    }
    bytes.append(UInt8(ascii: "e"))
    bytes.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    if abs(exponent) < 10 { bytes.append(UInt8(ascii: "0")) }
    bytes.append(contentsOf: String(abs(exponent)).utf8)
  }

  private static func writeFixed(
    _ digits: UnsafeBufferPointer<UInt8>, scale: Int, into bytes: inout [UInt8]
  ) {
    if scale <= 0 {
      bytes.append(contentsOf: "0.".utf8)
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -scale))
      bytes.append(contentsOf: digits)
    } else if digits.count <= scale {
      bytes.append(contentsOf: digits)
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: scale - digits.count))
    } else {
      bytes.append(contentsOf: digits.prefix(scale))
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: digits.dropFirst(scale))
    }
  }

  /// A small exponent as Swift writes it, with a sign.
  private static func decimal(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var value = 0
    var isNegative = false
    for byte in bytes {
      if byte == UInt8(ascii: "-") {
        isNegative = true
      } else if ASCII.isDigit(byte) {
        value = value &* 10 &+ Int(byte &- UInt8(ascii: "0"))
      }
    }
    return isNegative ? -value : value
  }
}
