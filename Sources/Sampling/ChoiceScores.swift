#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How probable a model finds each of some answers, as confidences that add up to 1.
///
/// A choice's score is the sum of the log-probabilities of its tokens, each after those before it: the
/// probability that the model answers with just these tokens. Longer choices have more factors below 1, so that a
/// sum favours short ones; a mean a token or a byte removes that, and favours choices whose later tokens follow from
/// the first ones. With labels of one or two tokens, as most have, the three hardly differ; where they do, subtract
/// what the model says without the text (`baseline`), which also takes away how common a label's words are
/// (contextual calibration, Zhao et al. 2021).
public struct ChoiceScores: Sendable {
  /// What a choice's log-probability is divided by.
  public enum Length: Hashable, Sendable {
    /// Nothing: the probability of the whole choice.
    case sum
    /// The number of its tokens.
    case meanOverTokens
    /// The number of its bytes.
    case meanOverBytes
  }

  /// The natural logarithm of each choice's probability so far.
  public private(set) var logProbabilities: [Double]
  private var tokenCounts: [Int]
  private let byteCounts: [Int]

  /// - Parameter byteCounts: how long each choice is in bytes of UTF-8, for `meanOverBytes`.
  public init(byteCounts: [Int]) {
    self.byteCounts = byteCounts
    logProbabilities = [Double](repeating: 0, count: byteCounts.count)
    tokenCounts = [Int](repeating: 0, count: byteCounts.count)
  }

  /// Counts a choice's next token. Choices that begin alike share the model's step and its logits.
  ///
  /// - Parameters:
  ///   - token: what the choice has there.
  ///   - logits: what the model says after the choice's tokens before it.
  public mutating func add(_ token: Int32, from logits: UnsafeBufferPointer<Float>, to choice: Int) {
    guard logProbabilities.indices.contains(choice) else { return }
    logProbabilities[choice] += Self.logProbability(of: token, in: logits)
    tokenCounts[choice] += 1
  }

  /// The natural logarithm of a token's probability; -∞ for one that has no logit, or NaN.
  public static func logProbability(of token: Int32, in logits: UnsafeBufferPointer<Float>) -> Double {
    guard token >= 0, Int(token) < logits.count, let base = logits.baseAddress else { return -.infinity }
    let logit = logits[Int(token)]
    let scan = LogitScan(logits: base, count: logits.count, words: nil)
    guard let greatest = scan.greatest()?.logit, !logit.isNaN else { return -.infinity }
    guard greatest.isFinite else { return logit == greatest ? 0 : -.infinity }
    var total = 0.0
    scan.forEachGroup { _, values in
      total += Double(Exponential.ofNonPositive(values - greatest).sum())
    }
    return Double(logit) - Double(greatest) - log(total)
  }

  /// The choices' shares, which add up to 1: the softmax of their scores.
  ///
  /// - Parameter baseline: scores of the same choices without the text, which are subtracted.
  public func confidences(_ length: Length = .sum, baseline: ChoiceScores? = nil) -> [Double] {
    var scores = logProbabilities.indices.map { score($0, length) }
    if let baseline, baseline.logProbabilities.count == scores.count {
      for choice in scores.indices {
        let other = baseline.score(choice, length)
        if other.isFinite { scores[choice] -= other }
      }
    }
    guard let greatest = scores.max() else { return [] }
    guard greatest.isFinite else { return scores.map { _ in 1 / Double(scores.count) } }
    let weights = scores.map { exp($0 - greatest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  private func score(_ choice: Int, _ length: Length) -> Double {
    switch length {
    case .sum: logProbabilities[choice]
    case .meanOverTokens: logProbabilities[choice] / Double(max(1, tokenCounts[choice]))
    case .meanOverBytes: logProbabilities[choice] / Double(max(1, byteCounts[choice]))
    }
  }
}
