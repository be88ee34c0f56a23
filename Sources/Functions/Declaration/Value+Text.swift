#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Value {
  /// Text or a number, as a cast to text gives it in SQL; nil for NULL and for a blob, whose bytes may be anything.
  var castText: String? {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    case .real(let number): Value.text(of: number)
    case .null, .blob: nil
    }
  }

  /// A number's text as SQLite writes it in `CAST(x AS TEXT)`: 15 significant digits and always a decimal
  /// point or a name, so that `ai_embed(0.1 + 0.2)` embeds `0.3`, whichever face the call came through.
  static func text(of number: Double) -> String {
    if number.isNaN { return "NULL" }
    if number.isInfinite { return number < 0 ? "-Inf" : "Inf" }
    var buffer = [CChar](repeating: 0, count: 40)
    let length = withVaList([number]) { vsnprintf(&buffer, buffer.count, "%.15g", $0) }
    let digits = String(
      decoding: buffer.prefix(Int(max(length, 0))).map(UInt8.init(bitPattern:)), as: UTF8.self)
    if digits.contains(".") { return digits }
    guard let exponent = digits.firstIndex(of: "e") else { return digits + ".0" }
    return digits[..<exponent] + ".0" + digits[exponent...]
  }
}
