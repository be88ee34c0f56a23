/// e to the power of numbers up to 0, sixteen at a time.
///
/// Written out rather than left to the C library, whose last bit differs between machines: what a seed draws
/// must not. Relative error below 2e-7 (Cephes' polynomial, Moshier 1989).
enum Exponential {
  typealias Lanes = SIMD16<Float>

  /// Results below the smallest normal float come out as 0.
  @inline(__always)
  static func ofNonPositive(_ x: Lanes) -> Lanes {
    // Adding 1.5 · 2²³ rounds to the nearest whole number, which then stands in the low bits.
    let shift = Lanes(repeating: 12_582_912)
    let clamped = x.replacing(with: -87, where: .!(x .> -87))
    let shifted = clamped * 1.442_695_040_888_963 + shift
    let whole = shifted - shift
    let rest = (clamped - whole * 0.693_359_375) - whole * -2.121_944_400_5e-4
    var sum = Lanes(repeating: 1.987_569_150_0e-4)
    sum = sum * rest + 1.398_199_950_7e-3
    sum = sum * rest + 8.333_451_907_3e-3
    sum = sum * rest + 4.166_579_589_4e-2
    sum = sum * rest + 1.666_666_545_9e-1
    sum = sum * rest + 5.000_000_120_1e-1
    sum = sum * rest * rest + rest + 1
    let exponent = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
    let power = unsafeBitCast(exponent &+ 0x3F80_0000, to: Lanes.self)
    return (sum * power).replacing(with: 0, where: .!(x .> -87))
  }
}
