/// An answer together with the probability of being right that its function gives it, as one value for the cache:
/// the probability as four digits behind the point, then, but for NULL, a separator and the answer's text.
enum ConfidentAnswer {
  /// U+001F, which separates fields (https://www.unicode.org/charts/PDF/U0000.pdf) and stands in no number.
  private static let separator: UInt8 = 0x1F
  private static let digits = 4

  /// - Parameter answer: text or NULL.
  static func packed(_ answer: Value, confidence: Double) -> Value {
    let scaled = Int((min(max(confidence, 0), 1) * 10_000).rounded())
    let number = String(scaled)
    let padded = String(repeating: "0", count: max(0, digits + 1 - number.count)) + number
    guard case .text(let text) = answer else { return .text(padded) }
    return .text("\(padded)\u{1F}\(text)")
  }

  static func answer(_ packed: Value) -> Value {
    guard case .text(let text) = packed else { return packed }
    guard let index = text.utf8.firstIndex(of: separator) else { return .null }
    return .text(String(text[text.utf8.index(after: index)...]))
  }

  static func confidence(_ packed: Value) -> Double? {
    guard case .text(let text) = packed else { return nil }
    return Int(text.prefix { $0 != "\u{1F}" }).map { Double($0) / 10_000 }
  }
}
