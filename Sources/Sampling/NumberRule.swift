/// Which numbers may stand somewhere: JSON numbers without an exponent (RFC 8259, section 6), with bounded
/// digits and perhaps between two bounds.
struct NumberRule: Hashable, Sendable {
  /// Digits behind the point; 0 for whole numbers.
  var fractionDigits: Int32
  /// The most digits before the point.
  var wholeDigits: Int32
  /// The least and the greatest value, times 10 to the power of `fractionDigits`; nil where only the digits
  /// are bounded. Magnitudes up to `greatestScaled`.
  var range: ClosedRange<Int64>?

  static let greatestScaled: Int64 = 1_000_000_000_000_000_000

  /// Where a number stands between two of its bytes.
  enum Part {
    static let start: UInt8 = 0
    static let minus: UInt8 = 1
    /// Behind a zero that stands before the point.
    static let zero: UInt8 = 2
    static let whole: UInt8 = 3
    static let point: UInt8 = 4
    static let fraction: UInt8 = 5
  }

  /// A number as far as it is written.
  struct Progress {
    var part = Part.start
    var isNegative = false
    /// Digits of the part.
    var digits: Int32 = 0
    /// All digits as one number; kept only where there is a range.
    var value: Int64 = 0
  }

  static let powers: [Int64] = (0..<19).map { (0..<$0).reduce(Int64(1)) { power, _ in power * 10 } }

  /// Takes a byte; false where it cannot stand there, or nothing that fits the rule could follow.
  func advance(_ progress: inout Progress, _ byte: UInt8) -> Bool {
    let digit = byte &- UInt8(ascii: "0")
    switch progress.part {
    case Part.start where byte == UInt8(ascii: "-"):
      progress.isNegative = true
      progress.part = Part.minus
    case Part.start, Part.minus:
      guard digit < 10 else { return false }
      // There is no whole number -0.
      if digit == 0, progress.isNegative, fractionDigits == 0 { return false }
      progress.part = digit == 0 ? Part.zero : Part.whole
      progress.digits = digit == 0 ? 0 : 1
      progress.value = range == nil ? 0 : Int64(digit)
    case Part.whole where digit < 10:
      guard progress.digits < wholeDigits else { return false }
      progress.digits += 1
      add(digit, to: &progress)
    case Part.zero, Part.whole:
      guard byte == UInt8(ascii: "."), fractionDigits > 0 else { return false }
      progress.part = Part.point
      progress.digits = 0
    case Part.point, Part.fraction:
      guard digit < 10, progress.digits < fractionDigits else { return false }
      progress.part = Part.fraction
      progress.digits += 1
      add(digit, to: &progress)
    default: return false
    }
    return range == nil || bytesLeft(progress) != nil
  }

  private func add(_ digit: UInt8, to progress: inout Progress) {
    guard range != nil else { return }
    // `wholeDigits` and `fractionDigits` of a range have at most 19 digits together, of which all but the
    // last are bounded by `bytesLeft`.
    progress.value = progress.value &* 10 &+ Int64(digit)
  }

  /// Whether the number may end here.
  func isComplete(_ progress: Progress) -> Bool { bytesLeft(progress) == 0 }

  /// The fewest bytes that make the number complete; nil where none do.
  func bytesLeft(_ progress: Progress) -> Int32? {
    guard let range else {
      switch progress.part {
      case Part.start, Part.minus, Part.point: return 1
      default: return 0
      }
    }
    switch progress.part {
    case Part.start:
      var negative = progress
      negative.part = Part.minus
      negative.isNegative = true
      let candidates = [firstDigit(progress, range), bytesLeft(negative).map { $0 + 1 }]
      return candidates.compactMap(\.self).min()
    case Part.minus: return firstDigit(progress, range)
    default: break
    }
    guard let magnitudes = magnitudes(progress.isNegative, range) else { return nil }
    switch progress.part {
    case Part.zero, Part.whole:
      let more = progress.part == Part.zero ? 0 : max(0, wholeDigits - progress.digits)
      var best: Int32?
      for digits in 0...more {
        guard let low = Self.scaled(progress.value, digits),
          let high = Self.scaled(progress.value &+ 1, digits)
        else {
          break
        }
        if Self.hits(low, high, fractionDigits, magnitudes) { best = min(best ?? .max, digits) }
        if let fraction = fraction(low, high, from: 1, 0, magnitudes) {
          best = min(best ?? .max, digits + 1 + fraction)
        }
      }
      return best
    default:
      let (value, given) = (progress.value, progress.digits)
      guard
        let fraction = fraction(
          value, value &+ 1, from: progress.part == Part.point ? 1 : given, given, magnitudes)
      else { return nil }
      return fraction - given
    }
  }

  /// With a digit as the next byte.
  private func firstDigit(_ progress: Progress, _ range: ClosedRange<Int64>) -> Int32? {
    var best: Int32?
    for digit in Int64(0)...9 {
      if digit == 0, progress.isNegative, fractionDigits == 0 { continue }
      var next = progress
      next.part = digit == 0 ? Part.zero : Part.whole
      next.digits = digit == 0 ? 0 : 1
      next.value = digit
      if let left = bytesLeft(next) { best = min(best ?? .max, left + 1) }
    }
    return best
  }

  /// What the range is without the sign; nil where no number of that sign is in it.
  private func magnitudes(_ isNegative: Bool, _ range: ClosedRange<Int64>) -> ClosedRange<Int64>? {
    if isNegative {
      return range.lowerBound < 0 ? max(1, -range.upperBound)...(-range.lowerBound) : nil
    }
    return range.upperBound >= 0 ? max(0, range.lowerBound)...range.upperBound : nil
  }

  /// The fewest digits behind the point, from `least`, with which a number from `low` to below `high` is among
  /// the magnitudes. Both have `given` digits behind the point already.
  private func fraction(
    _ low: Int64, _ high: Int64, from least: Int32, _ given: Int32, _ magnitudes: ClosedRange<Int64>
  ) -> Int32? {
    guard least <= fractionDigits else { return nil }
    for digits in least...fractionDigits {
      guard let low = Self.scaled(low, digits - given), let high = Self.scaled(high, digits - given) else {
        return nil
      }
      if Self.hits(low, high, fractionDigits - digits, magnitudes) { return digits }
    }
    return nil
  }

  /// Whether a number from `low` to below `high`, times a power of ten, is among the magnitudes.
  private static func hits(
    _ low: Int64, _ high: Int64, _ power: Int32, _ magnitudes: ClosedRange<Int64>
  ) -> Bool {
    guard power >= 0, power < 19 else { return false }
    let unit = powers[Int(power)]
    // The least and the greatest whole multiple.
    let first = (magnitudes.lowerBound + unit - 1) / unit
    let last = magnitudes.upperBound / unit
    return max(low, first) <= min(high - 1, last)
  }

  private static func scaled(_ value: Int64, _ power: Int32) -> Int64? {
    guard power >= 0, power < 19 else { return nil }
    let (product, overflowed) = value.multipliedReportingOverflow(by: powers[Int(power)])
    return overflowed || product > greatestScaled * 9 ? nil : product
  }
}
