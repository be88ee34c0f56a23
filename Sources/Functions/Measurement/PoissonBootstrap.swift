import Sampling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a figure would lie in 19 of 20 samples like this one: the bootstrap (Efron 1979) in its Poisson form, in which
/// every row counts as often as a Poisson variable of mean 1 says (Chamandy et al. 2012: "Estimating Uncertainty for
/// Massive Data Streams"). Equal rows are drawn together, so that a million rows take no longer than a hundred.
///
/// The same rows give the same interval: chance starts from a fixed seed.
struct PoissonBootstrap {
  private static let samples = 1_000

  private let random: CounterRandom
  private var position: UInt64 = 0

  init(seed: UInt64 = 0x5_1BF1) { random = CounterRandom(seed: seed) }

  /// The 95% interval of `figure`, which draws the weights of its rows from its argument.
  mutating func interval(_ figure: (_ weigh: (Int) -> Double) -> Double) -> ClosedRange<Double> {
    var found: [Double] = []
    found.reserveCapacity(Self.samples)
    for _ in 0..<Self.samples {
      found.append(figure { self.draw(mean: $0) })
    }
    found.sort()
    return found[Self.samples / 40]...found[Self.samples - 1 - Self.samples / 40]
  }

  /// A Poisson variable: exactly (Knuth 1969, section 3.4.1) for small means, and as its normal limit for large ones.
  private mutating func draw(mean: Int) -> Double {
    guard mean > 0 else { return 0 }
    guard mean < 64 else {
      let normal = (-2 * log(max(next(), 0x1p-53))).squareRoot() * cos(2 * .pi * next())
      return max(0, (Double(mean) + Double(mean).squareRoot() * normal).rounded())
    }
    let limit = exp(-Double(mean))
    var product = next()
    var count = 0.0
    while product > limit {
      product *= next()
      count += 1
    }
    return count
  }

  private mutating func next() -> Double {
    position &+= 1
    return random.unit(at: position)
  }
}
