import Tensor

/// The tokens of one step: those that each of some sequences reads next, many for a prompt, one for a sequence
/// that is being written.
public struct DecoderBatch {
  /// After which of the tokens a caller wants to know what may come next.
  public enum Logits: Sendable { case none, last, all }

  private(set) var ids: [Int32] = []
  private(set) var sequences: [(CachedSequence, count: Int)] = []
  /// The rows whose logits were asked for, in order.
  private(set) var logitRows: [Int] = []

  public init() {}

  public var tokenCount: Int { ids.count }
  public var logitCount: Int { logitRows.count }

  /// Adds the next tokens of a sequence, at least one; a sequence comes once in a batch.
  ///
  /// - Returns: where the sequence's logits will be found in the state.
  @discardableResult
  public mutating func append(
    _ tokens: some Collection<Int32>, to sequence: CachedSequence, logits: Logits = .last
  ) -> Range<Int> {
    let start = ids.count
    let firstLogits = logitRows.count
    ids.append(contentsOf: tokens)
    sequences.append((sequence, ids.count - start))
    switch logits {
    case .none: break
    case .last: if ids.count > start { logitRows.append(ids.count - 1) }
    case .all: logitRows.append(contentsOf: start..<ids.count)
    }
    return firstLogits..<logitRows.count
  }
}
