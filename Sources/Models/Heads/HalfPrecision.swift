/// IEEE 754 binary16, in integer arithmetic: Swift's `Float16` is missing on some of the systems that Sibyl
/// is built for.
enum HalfPrecision {
  static let largest: Float = 65504

  /// The nearest half, ties to even. Numbers beyond `largest` become infinite.
  static func encode(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: (bits >> 16) & 0x8000)
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude >= 0x7F80_0000 { return sign | (magnitude > 0x7F80_0000 ? 0x7E00 : 0x7C00) }
    let exponent = Int32(magnitude >> 23) - 127
    if exponent > 15 { return sign | 0x7C00 }
    if exponent < -25 { return sign }
    let significand = (magnitude & 0x7F_FFFF) | 0x80_0000
    // A normal half keeps 10 of the 23 bits, a subnormal one fewer.
    let dropped = UInt32(exponent >= -14 ? 13 : -1 - exponent)
    var kept = significand >> dropped
    let rest = significand & ((1 << dropped) - 1)
    let half: UInt32 = 1 << (dropped - 1)
    if rest > half || (rest == half && kept & 1 == 1) { kept += 1 }
    // A carry out of the significand runs into the exponent, which is what it should do.
    let biased = exponent >= -14 ? UInt32(exponent + 14) << 10 : 0
    return sign | UInt16(truncatingIfNeeded: biased + kept)
  }

  /// Exact: every half is a float.
  static func decode(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10) & 0x1F
    let significand = UInt32(half & 0x3FF)
    switch exponent {
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | significand << 13)
    case 0:
      let magnitude = Float(significand) / 16_777_216
      return sign == 0 ? magnitude : -magnitude
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | significand << 13)
    }
  }
}
