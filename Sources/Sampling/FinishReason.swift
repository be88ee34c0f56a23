/// Why an answer ended.
public enum FinishReason: String, Hashable, Sendable {
  /// The model said that it was done.
  case endToken
  /// A stop string came.
  case stopString
  /// A constraint left nothing that could follow.
  case complete
  /// The answer reached the most tokens that it may have.
  case maximumTokens
}
