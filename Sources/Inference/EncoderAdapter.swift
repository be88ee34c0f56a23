import ModelFiles
import Models

/// A change of an encoder, under a name by which it is known again.
public struct EncoderAdapter: Sendable {
  /// Of the adapter's bytes: two adapters with the same digest are the same.
  public let digest: Digest
  public let change: LowRankAdapter

  public init(digest: Digest, change: LowRankAdapter) {
    self.digest = digest
    self.change = change
  }
}
