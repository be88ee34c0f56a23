/// How often a classifier was right, by class: counted from true and predicted classes.
public struct ClassifierEvaluation: Sendable, Equatable {
  /// The figures of one class. Where a share has nothing to divide by, it is 0.
  public struct ClassFigures: Sendable, Equatable {
    /// Rows of the class.
    public let rowCount: Int
    /// Of the rows that were given the class, the share that is of it.
    public let precision: Double
    /// Of the rows of the class, the share that was given it.
    public let recall: Double
    /// The harmonic mean of both.
    public let f1: Double
  }

  public let classes: [ClassFigures]
  /// Rows by their true class, then by the predicted one; only what occurred.
  public let confusion: [[Int: Int]]
  public let rowCount: Int
  /// The share of rows that were given their class.
  public let accuracy: Double
  /// The mean of the classes' F1, each class counting the same.
  public let macroF1: Double

  /// - Parameters:
  ///   - truth: one class a row.
  ///   - predictions: likewise.
  ///   - counts: how many rows each stands for.
  public init(classCount: Int, truth: [Int], predictions: [Int], counts: [Int]) {
    var confusion = [[Int: Int]](repeating: [:], count: classCount)
    var given = [Int](repeating: 0, count: classCount)
    var total = 0
    for ((label, prediction), count) in zip(zip(truth, predictions), counts) {
      guard confusion.indices.contains(label), given.indices.contains(prediction) else { continue }
      confusion[label][prediction, default: 0] += count
      given[prediction] += count
      total += count
    }
    var right = 0
    classes = confusion.enumerated().map { label, row in
      let found = row[label] ?? 0
      let rows = row.values.reduce(0, +)
      right += found
      let precision = given[label] > 0 ? Double(found) / Double(given[label]) : 0
      let recall = rows > 0 ? Double(found) / Double(rows) : 0
      let sum = precision + recall
      return ClassFigures(
        rowCount: rows, precision: precision, recall: recall, f1: sum > 0 ? 2 * precision * recall / sum : 0)
    }
    self.confusion = confusion
    rowCount = total
    accuracy = total > 0 ? Double(right) / Double(total) : 0
    macroF1 = classCount > 0 ? classes.reduce(0) { $0 + $1.f1 } / Double(classCount) : 0
  }
}
