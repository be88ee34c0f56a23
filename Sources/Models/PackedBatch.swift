/// Sequences of token ids, one after the other without padding.
///
/// `ids` and `positionIDs` have one element a token; `sequences` gives each sequence's tokens.
public struct PackedBatch: Sendable {
  public private(set) var ids: [Int32] = []
  public private(set) var positionIDs: [Int32] = []
  public private(set) var sequences: [Range<Int>] = []

  public init() {}

  public var tokenCount: Int { ids.count }

  /// Adds a sequence as it is.
  public mutating func append(_ sequence: some Collection<Int32>) {
    let start = ids.count
    ids.append(contentsOf: sequence)
    finishSequence(from: start)
  }

  /// Adds a sequence between the two special tokens that frame it.
  public mutating func appendWindow(
    _ tokens: some Collection<Int32>, classifier: Int32, separator: Int32
  ) {
    let start = ids.count
    ids.append(classifier)
    ids.append(contentsOf: tokens)
    ids.append(separator)
    finishSequence(from: start)
  }

  private mutating func finishSequence(from start: Int) {
    for position in 0..<Int32(ids.count - start) { positionIDs.append(position) }
    sequences.append(start..<ids.count)
  }
}
