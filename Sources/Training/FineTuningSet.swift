import Diagnostics

/// What an encoder is fine-tuned on: rows of tokens, and for each row what is known of its class.
///
/// Targets, weights and offsets mean what they mean in a `TrainingSet` of module Models.
public struct FineTuningSet: Sendable {
  public let classNames: [String]
  /// One row's tokens, the special ones that frame it included.
  public private(set) var sequences: [[Int32]] = []
  private(set) var targets: [Float] = []
  private(set) var weights: [Float] = []
  private(set) var offsets: [Float] = []

  public var rowCount: Int { sequences.count }
  public var classCount: Int { classNames.count }
  public var tokenCount: Int { sequences.reduce(0) { $0 + $1.count } }

  /// - Throws: `.invalidArgument` where there are not at least two distinct classes.
  public init(classNames: [String]) throws(SibylError) {
    guard classNames.count >= 2, Set(classNames).count == classNames.count else {
      throw SibylError(
        .invalidArgument, "training needs at least 2 distinct classes, not \(classNames.count)")
    }
    self.classNames = classNames
  }

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - targets: the probability of each class, summing to 1.
  ///   - weight: how much the row counts, from 0 up.
  ///   - offsets: added to the row's logits, one a class, or empty for none; minus infinity takes a class out.
  public mutating func append(
    _ sequence: [Int32], targets: [Float], weight: Float = 1, offsets: [Float] = []
  ) throws(SibylError) {
    let offsets = offsets.isEmpty ? [Float](repeating: 0, count: classCount) : offsets
    guard
      !sequence.isEmpty, targets.count == classCount, offsets.count == classCount, weight.isFinite,
      weight >= 0, targets.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(targets.reduce(0, +) - 1) < 1e-3,
      zip(targets, offsets).allSatisfy({ $1.isFinite || ($1 == -.infinity && $0 == 0) })
    else {
      throw SibylError(
        .invalidArgument,
        "training row \(rowCount + 1) needs tokens, a weight from 0 up and targets from 0 to 1 that sum to 1, "
          + "one for each of \(classCount) classes")
    }
    sequences.append(sequence)
    self.targets += targets
    self.offsets += offsets
    weights.append(weight)
  }

  /// Adds a row with a plain label, an index into `classNames`.
  public mutating func append(_ sequence: [Int32], label: Int) throws(SibylError) {
    try append(sequence, targets: classNames.indices.map { $0 == label ? 1 : 0 })
  }

  /// Some of the rows, in the order given.
  public func rows(_ rows: [Int]) throws(SibylError) -> FineTuningSet {
    var part = try FineTuningSet(classNames: classNames)
    for row in rows where sequences.indices.contains(row) {
      try part.append(
        sequences[row], targets: Array(targets[cells(of: row)]), weight: weights[row],
        offsets: Array(offsets[cells(of: row)]))
    }
    return part
  }

  /// The class with the highest target, for measuring and for stratified splits.
  public func label(of row: Int) -> Int {
    let row = targets[cells(of: row)]
    return (row.indices.max { (row[$0], $1) < (row[$1], $0) } ?? row.startIndex) - row.startIndex
  }

  func cells(of row: Int) -> Range<Int> { row * classCount..<(row + 1) * classCount }
}
