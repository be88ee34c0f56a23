/// Something that was found in a text.
public struct EntitySpan: Hashable, Sendable {
  public let kind: EntityKind
  /// Where, in bytes of UTF-8.
  public let range: Range<Int>

  public init(_ kind: EntityKind, _ range: Range<Int>) {
    self.kind = kind
    self.range = range
  }
}
