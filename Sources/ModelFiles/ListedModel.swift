import Diagnostics

/// A line of `sibyl models list`: a folder of the store, whether or not the model in it can be used.
public struct ListedModel: Sendable {
  public let name: String
  /// Nil where the manifest cannot be read.
  public let manifest: ModelManifest?
  /// Why the model cannot be used, as far as that shows without reading its weights.
  public let fault: SibylError?
}
