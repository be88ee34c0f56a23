/// When a request that failed is sent again.
///
/// The pause is drawn from zero to a bound that doubles ("full jitter": Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog 2015), so that many rows that failed together do not come back together. What a server asks for
/// in Retry-After is waited for in any case.
package struct RetryPolicy: Sendable {
  /// How often a request is sent in all.
  package var attempts = 5
  /// Seconds: the bound of the first pause, and of any.
  package var firstPause = 0.5
  package var longestPause = 30.0
  /// A server that asks for a longer pause is not waited for.
  package var longestRequest = 120.0

  package init() {}

  /// Seconds until the next attempt; nil where there is none.
  ///
  /// - Parameters:
  ///   - attempt: how often the request was sent so far, from 1.
  ///   - requested: the seconds that the server asked for.
  ///   - random: from 0 to 1.
  package func pause(after attempt: Int, requested: Double? = nil, random: Double) -> Double? {
    guard attempt >= 1, attempt < attempts else { return nil }
    var bound = firstPause
    for _ in 0..<(attempt - 1) where bound < longestPause { bound *= 2 }
    let jitter = min(bound, longestPause) * min(max(random, 0), 1)
    guard let requested else { return jitter }
    return requested <= longestRequest ? max(requested, 0) + jitter : nil
  }
}
