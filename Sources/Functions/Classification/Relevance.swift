#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

enum Relevance {
  static func probability(cosine: Double) -> Double { 1 / (1 + exp(-14 * (cosine - 0.3))) }
}
