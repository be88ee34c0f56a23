/// A label that texts are sorted under, with an optional explanation for the encoder.
public struct ClassificationLabel: Hashable, Sendable {
  public let name: String
  /// What belongs under the label, in a sentence or a few words.
  public let description: String?

  public init(_ name: String, description: String? = nil) {
    self.name = name
    self.description = description
  }
}
