import Sampling
import Testing

extension ConstraintState {
  /// Takes tokens that must be allowed, or with `isRefused`, one that must not be.
  mutating func expect(
    _ tokens: [Int32], isRefused: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for token in tokens where advance(token) == isRefused {
      Issue.record("the token \(token) is \(isRefused ? "taken" : "refused")", sourceLocation: sourceLocation)
    }
  }
}
