/// Passes over a row of logits, sixteen at a time. NaN counts as impossible.
struct LogitScan {
  typealias Lanes = SIMD16<Float>

  private let logits: UnsafePointer<Float>
  private let count: Int
  /// The words of a mask; nil where every token is allowed.
  private let words: UnsafePointer<UInt64>?

  /// - Parameter words: holds at least one bit a logit.
  init(logits: UnsafePointer<Float>, count: Int, words: UnsafePointer<UInt64>?) {
    self.logits = logits
    self.count = count
    self.words = words
  }

  private static let bits: SIMD16<UInt32> = {
    var bits = SIMD16<UInt32>()
    for lane in 0..<16 { bits[lane] = 1 << UInt32(lane) }
    return bits
  }()

  /// Which of the sixteen tokens from a multiple of 16 are allowed.
  @inline(__always)
  private func allowed(at index: Int) -> UInt32 {
    let inside: UInt32 =
      count &- index >= 16 ? 0xFFFF : (1 &<< UInt32(truncatingIfNeeded: count &- index)) &- 1
    guard let words else { return inside }
    return UInt32(truncatingIfNeeded: words[index &>> 6] &>> UInt64(index & 63)) & inside
  }

  /// Sixteen logits, -∞ for those that are not allowed and for NaN.
  @inline(__always)
  private func lanes(at index: Int, allowed: UInt32) -> Lanes {
    var values: Lanes
    if count &- index >= 16 {
      values = UnsafeRawPointer(logits + index).loadUnaligned(as: Lanes.self)
    } else {
      values = Lanes(repeating: -.infinity)
      for lane in 0..<(count &- index) { values[lane] = logits[index &+ lane] }
    }
    let isAllowed = (SIMD16<UInt32>(repeating: allowed) & Self.bits) .!= 0
    let isReal = values .== values
    return Lanes(repeating: -.infinity)
      .replacing(with: values, where: isAllowed .& isReal)
  }

  /// Calls `body` with each group of sixteen that holds an allowed token; stops where it answers false.
  @inline(__always)
  func forEachGroup(_ body: (_ index: Int, _ allowed: UInt32, _ values: Lanes) -> Bool) {
    var index = 0
    while index < count {
      let allowed = allowed(at: index)
      if allowed != 0, !body(index, allowed, lanes(at: index, allowed: allowed)) { return }
      index &+= 16
    }
  }

  /// The greatest logit; -∞ where there is none above that.
  func greatest() -> Float {
    var best = Lanes(repeating: -.infinity)
    forEachGroup { _, _, values in
      best.replace(with: values, where: values .> best)
      return true
    }
    return best.max()
  }

  /// The lowest allowed token with this logit.
  func firstToken(of value: Float) -> Int? {
    var found: Int?
    forEachGroup { index, allowed, values in
      let equal = values .== value
      guard any(equal) else { return true }
      for lane in 0..<16 where equal[lane] && allowed &>> UInt32(lane) & 1 == 1 {
        found = index &+ lane
        return false
      }
      return true
    }
    return found
  }
}
