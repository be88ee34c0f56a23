/// A token and where it came from.
public struct Token: Hashable, Sendable {
  /// The piece's line in the vocabulary, counted from 0.
  public var id: Int32
  /// The UTF-8 bytes of the source that the piece stands for, from the first scalar that went into it to the
  /// last. It begins and ends on scalar boundaries. Ranges are in the order of the text; two overlap only
  /// where one scalar becomes several tokens (a Hangul syllable cut between its letters).
  public var range: Range<Int>

  public init(id: Int32, range: Range<Int>) {
    self.id = id
    self.range = range
  }
}
