/// Random numbers as a function of a seed and a position: the finaliser of SplitMix64 (Steele, Lea and Flood:
/// "Fast splittable pseudorandom number generators", 2014) over a counter.
///
/// There is no state to hand on, so a sequence's numbers cannot depend on what else is computed beside it.
package struct CounterRandom {
  private let start: UInt64

  package init(seed: UInt64) {
    // Seeds are mostly small numbers next to each other.
    start = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
  }

  /// A number from 0 to below 1, a multiple of 2⁻⁵³.
  package func unit(at position: UInt64) -> Double {
    Double(Self.mix(start &+ (position &+ 1) &* 0x9E37_79B9_7F4A_7C15) >> 11) * 0x1p-53
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
