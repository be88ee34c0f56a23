/// Chooses the next token from a row of logits.
///
/// What is chosen depends on the logits, the mask, the options and the step's number alone. A sampler keeps room
/// for its work between calls; each thread has its own.
public struct Sampler: Sendable {
  public let options: SamplingOptions
  private let random: CounterRandom
  /// Weights of the tokens, in proportion to their probabilities.
  private var weights: [Float] = []
  /// The nucleus: a weight's bits turned round, so that sorting puts the heaviest first, and the token, so that of
  /// equal ones the lowest comes first.
  private var candidates: [UInt64] = []
  /// Those among which the nucleus ends, and what all tokens of about one weight have together.
  private var edge: [UInt64] = []
  private var buckets: [Double] = []

  public init(_ options: SamplingOptions = .greedy) {
    self.options = options
    random = CounterRandom(seed: options.seed)
  }

  /// The token to go on with.
  ///
  /// Of equal logits the lowest token wins; NaN counts as impossible. Where no token has a logit above -∞, it is
  /// the lowest allowed one.
  ///
  /// - Parameters:
  ///   - logits: one for each token of the vocabulary; what has none cannot be chosen.
  ///   - allowed: the tokens to choose from; nil for all of them. One that allows nothing counts as nil.
  ///   - step: how many tokens this sequence has been given before.
  public mutating func token(
    from logits: UnsafeBufferPointer<Float>, allowed: TokenMask? = nil, step: Int
  ) -> Int32 {
    guard let base = logits.baseAddress, !logits.isEmpty else { return allowed?.first ?? 0 }
    guard let allowed, let lowest = allowed.first, Int(lowest) < logits.count else {
      let scan = LogitScan(logits: base, count: logits.count, words: nil)
      return token(scan, count: logits.count, lowest: 0, step: step)
    }
    let count = min(logits.count, allowed.vocabularySize)
    return allowed.words.withUnsafeBufferPointer { words in
      let scan = LogitScan(logits: base, count: count, words: words.baseAddress)
      return token(scan, count: count, lowest: Int(lowest), step: step)
    }
  }

  private mutating func token(_ scan: LogitScan, count: Int, lowest: Int, step: Int) -> Int32 {
    guard let greatest = scan.greatest() else { return Int32(truncatingIfNeeded: lowest) }
    guard !options.isGreedy, greatest.logit.isFinite else { return Int32(truncatingIfNeeded: greatest.token) }
    let total = weigh(scan, count: count, greatest: greatest.logit)
    let unit = random.unit(at: UInt64(truncatingIfNeeded: step))
    return options.topP < 1 ? drawFromNucleus(unit, total) : draw(unit, total)
  }

  /// Fills `weights` and returns their sum, added up in one order whatever the machine.
  private mutating func weigh(_ scan: LogitScan, count: Int, greatest: Float) -> Double {
    let padded = (count + 15) / 16 * 16
    if weights.count != padded { weights = [Float](repeating: 0, count: padded) }
    let factor = Float(1 / options.temperature)
    var total = 0.0
    weights.withUnsafeMutableBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      base.update(repeating: 0, count: padded)
      var sum = LogitScan.Lanes()
      var groups = 0
      scan.forEachGroup { index, values in
        let group = Exponential.ofNonPositive((values - greatest) * factor)
        UnsafeMutableRawPointer(base + index).storeBytes(of: group, as: LogitScan.Lanes.self)
        sum += group
        groups &+= 1
        if groups == 64 {
          total += Double(sum.sum())
          sum = LogitScan.Lanes()
          groups = 0
        }
      }
      total += Double(sum.sum())
    }
    return total
  }

  private func draw(_ unit: Double, _ total: Double) -> Int32 {
    var left = unit * total
    var last = 0
    for (token, weight) in weights.enumerated() where weight > 0 {
      last = token
      left -= Double(weight)
      if left < 0 { break }
    }
    return Int32(truncatingIfNeeded: last)
  }

  /// Draws from the fewest tokens that have `topP` of the weight together.
  private mutating func drawFromNucleus(_ unit: Double, _ total: Double) -> Int32 {
    fillNucleus(total)
    var sum = 0.0
    for candidate in candidates { sum += Double(Self.weight(candidate)) }
    var left = unit * sum
    for candidate in candidates {
      left -= Double(Self.weight(candidate))
      if left < 0 { return Self.token(candidate) }
    }
    return candidates.last.map(Self.token) ?? 0
  }

  /// Weights fall into buckets by their exponent and the first three digits behind the point: only those in the
  /// bucket where the nucleus ends need be put in order.
  private static let bucketShift: UInt32 = 20
  private static let bucketCount = Int(Float(1).bitPattern >> bucketShift) + 1

  private mutating func fillNucleus(_ total: Double) {
    // Tokens below this share have less than 1 - topP together, so the nucleus is full before them.
    let least = max(Float.leastNormalMagnitude, Float((1 - options.topP) / Double(weights.count) * total))
    let wanted = options.topP * total
    buckets.removeAll(keepingCapacity: true)
    buckets.append(contentsOf: repeatElement(0, count: Self.bucketCount))
    for weight in weights where weight >= least { buckets[Self.bucket(weight)] += Double(weight) }
    var last = Self.bucketCount - 1
    var sum = buckets[last]
    while last > 0, sum < wanted {
      last -= 1
      sum += buckets[last]
    }
    sum -= buckets[last]

    candidates.removeAll(keepingCapacity: true)
    edge.removeAll(keepingCapacity: true)
    for (token, weight) in weights.enumerated() where weight >= least {
      let bucket = Self.bucket(weight)
      guard bucket >= last else { continue }
      let candidate = UInt64(~weight.bitPattern) << 32 | UInt64(UInt32(truncatingIfNeeded: token))
      if bucket > last { candidates.append(candidate) } else { edge.append(candidate) }
    }
    edge.sort()
    for candidate in edge {
      candidates.append(candidate)
      sum += Double(Self.weight(candidate))
      if sum >= wanted { return }
    }
  }

  @inline(__always)
  private static func bucket(_ weight: Float) -> Int {
    min(Int(weight.bitPattern >> bucketShift), bucketCount - 1)
  }

  private static func weight(_ candidate: UInt64) -> Float {
    Float(bitPattern: ~UInt32(truncatingIfNeeded: candidate >> 32))
  }

  private static func token(_ candidate: UInt64) -> Int32 {
    Int32(truncatingIfNeeded: candidate & 0xFFFF_FFFF)
  }
}
