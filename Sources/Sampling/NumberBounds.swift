import Diagnostics
import JSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The bounds that a schema sets for a number.
struct NumberBounds {
  private typealias Bound = (value: Double, isExclusive: Bool, key: String)

  private let lower: Bound?
  private let upper: Bound?
  private let place: JSONSchemaReader.Place

  init(_ schema: JSONObject, _ place: JSONSchemaReader.Place) throws(SibylError) {
    self.place = place
    lower = try Self.bound(schema, "minimum", "exclusiveMinimum", place) { $0 > $1 }
    upper = try Self.bound(schema, "maximum", "exclusiveMaximum", place) { $0 < $1 }
  }

  /// The tighter one of two keywords.
  private static func bound(
    _ schema: JSONObject, _ key: String, _ exclusiveKey: String, _ place: JSONSchemaReader.Place,
    isTighter: (Double, Double) -> Bool
  ) throws(SibylError) -> Bound? {
    var found: Bound?
    for (key, isExclusive) in [(key, false), (exclusiveKey, true)] {
      guard let json = schema[key] else { continue }
      guard let value = json.numberValue, value.magnitude <= 1e12 else {
        throw place.fault(
          "must have a number from -1000000000000 to 1000000000000 as \"\(key)\"; got "
            + json.serialized().prefix(40))
      }
      if let other = found, isTighter(other.value, value) { continue }
      found = (value, isExclusive, key)
    }
    return found
  }

  /// - Throws: where no number is between the bounds.
  func rule(isWhole: Bool) throws(SibylError) -> NumberRule {
    let digits = isWhole ? 0 : JSONSchema.fractionDigits
    guard lower != nil || upper != nil else {
      return NumberRule(fractionDigits: digits, wholeDigits: JSONSchema.wholeDigits, range: nil)
    }
    // A side without a bound is bounded as numbers without bounds are, by digits.
    let unit = NumberRule.powers[Int(digits)]
    let greatest = isWhole ? NumberRule.powers[Int(JSONSchema.wholeDigits)] - 1 : NumberRule.greatestScaled
    let low = lower.map { Self.scaled($0, unit, rounding: .up) } ?? -greatest
    let high = upper.map { Self.scaled($0, unit, rounding: .down) } ?? greatest
    guard low <= high else {
      throw place.fault(
        "leaves no \(isWhole ? "whole number" : "number of at most \(digits) decimals") between "
          + "\"\(lower?.key ?? "minimum")\" and \"\(upper?.key ?? "maximum")\"; widen them")
    }
    let wholeDigits = String(max(low.magnitude, high.magnitude) / UInt64(unit)).utf8.count
    return NumberRule(
      fractionDigits: digits, wholeDigits: Int32(truncatingIfNeeded: wholeDigits), range: low...high)
  }

  /// A bound as a whole number of units; below 2 · 10¹⁸.
  private static func scaled(_ bound: Bound, _ unit: Int64, rounding: FloatingPointRoundingRule) -> Int64 {
    // The whole part is exact; what a double holds behind the point is not, so that 0.1 times a million is
    // taken for 100,000 where it is within a rounding error of it.
    let whole = bound.value.rounded(.towardZero)
    let rest = (bound.value - whole) * Double(unit)
    let nearest = rest.rounded(.toNearestOrEven)
    let isExact = (rest - nearest).magnitude <= max(1, bound.value.magnitude) * Double(unit) * 1e-15
    let units = Int64(whole) * unit + Int64(isExact ? nearest : rest.rounded(rounding))
    guard bound.isExclusive, isExact else { return units }
    return rounding == .up ? units + 1 : units - 1
  }
}
