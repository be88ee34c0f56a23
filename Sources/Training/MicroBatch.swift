import Models

/// A part of a batch that one core takes through the encoder and back.
struct MicroBatch {
  private(set) var tokens = PackedBatch()
  /// Which rows of the set the sequences are.
  private(set) var rows: [Int] = []
  /// One number a token from which its dropout follows: of the step, the row and the position, so that it does
  /// not matter how a batch is cut.
  private(set) var keys: [UInt32] = []

  var longest: Int { tokens.sequences.reduce(0) { max($0, $1.count) } }

  mutating func append(_ sequence: [Int32], row: Int, seed: UInt64) {
    tokens.append(sequence)
    rows.append(row)
    var numbers = SplitMix64(seed: seed ^ UInt64(truncatingIfNeeded: row) &* 0x9E37_79B9_7F4A_7C15)
    for _ in sequence { keys.append(UInt32(truncatingIfNeeded: numbers.next())) }
  }

  /// About so many tokens a part: fewer make slow products, more leave cores idle at a step's end.
  private static let tokensAPart = 208

  /// Cuts a batch into parts of nearly equal work, long sequences first. Their number depends on the rows alone,
  /// so that gradients are the same sums on any number of cores.
  static func cut(_ rows: [Int], of set: FineTuningSet, seed: UInt64) -> [MicroBatch] {
    let lengths = rows.map { set.sequences[$0].count }
    let total = lengths.reduce(0, +)
    let count = min(max((total + tokensAPart / 2) / tokensAPart, 1), max(rows.count, 1))
    var parts = [MicroBatch](repeating: MicroBatch(), count: count)
    let order = rows.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    for index in order {
      let part = parts.indices.min {
        (parts[$0].tokens.tokenCount, $0) < (parts[$1].tokens.tokenCount, $1)
      }
      parts[part ?? 0].append(set.sequences[rows[index]], row: rows[index], seed: seed)
    }
    return parts
  }
}
