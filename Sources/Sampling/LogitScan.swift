/// Passes over a row of logits, sixteen at a time.
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

  /// Calls `body` with each group of sixteen that holds an allowed token: where it begins, and its logits, -∞ for
  /// tokens that are not allowed.
  @inline(__always)
  func forEachGroup(_ body: (_ index: Int, _ values: Lanes) -> Void) {
    let whole = count & ~15
    var index = 0
    while index < whole {
      let allowed = allowed(at: index)
      if allowed == 0xFFFF {
        body(index, UnsafeRawPointer(logits + index).loadUnaligned(as: Lanes.self))
      } else if allowed != 0 {
        let values = UnsafeRawPointer(logits + index).loadUnaligned(as: Lanes.self)
        body(index, Self.only(allowed, values))
      }
      index &+= 16
    }
    let rest = count &- whole
    guard rest > 0 else { return }
    var values = Lanes(repeating: -.infinity)
    for lane in 0..<rest { values[lane] = logits[whole &+ lane] }
    let inside: UInt32 = (1 &<< UInt32(truncatingIfNeeded: rest)) &- 1
    body(whole, Self.only(allowed(at: whole) & inside, values))
  }

  /// Which of the sixteen tokens from a multiple of 16 are allowed.
  @inline(__always)
  private func allowed(at index: Int) -> UInt32 {
    guard let words else { return 0xFFFF }
    return UInt32(truncatingIfNeeded: words[index &>> 6] &>> UInt64(index & 63)) & 0xFFFF
  }

  @inline(__always)
  private static func only(_ allowed: UInt32, _ values: Lanes) -> Lanes {
    let bits = SIMD16<UInt32>(
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
    let isAllowed = (SIMD16<UInt32>(repeating: allowed) & bits) .== bits
    return Lanes(repeating: -.infinity).replacing(with: values, where: isAllowed)
  }

  /// The greatest logit and the lowest allowed token that has it; nil where none is above -∞. NaN is passed over.
  func greatest() -> (logit: Float, token: Int)? {
    var best = Lanes(repeating: -.infinity)
    var groups = SIMD16<Int32>(repeating: -1)
    forEachGroup { index, values in
      let isGreater = values .> best
      best.replace(with: values, where: isGreater)
      groups.replace(with: Int32(truncatingIfNeeded: index), where: isGreater)
    }
    var found: (logit: Float, token: Int)?
    for lane in 0..<16 where groups[lane] >= 0 {
      let token = Int(groups[lane]) &+ lane
      guard let other = found, best[lane] < other.logit || (best[lane] == other.logit && token > other.token)
      else {
        found = (best[lane], token)
        continue
      }
    }
    return found
  }
}
