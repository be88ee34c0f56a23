import Diagnostics

/// Multinomial logistic regression: one weight vector and one bias a class, and a softmax over their sums.
///
/// A row's answer is computed from that row alone, always in the same order of operations: it does not
/// depend on how many rows are asked about together.
public struct SoftmaxRegression: Sendable, Equatable {
  public static let maximumClassCount = 10_000
  public static let maximumFeatureCount = 1 << 20

  public let classNames: [String]
  public let featureCount: Int
  /// `classNames.count * featureCount` values, class after class.
  public let weights: [Float]
  /// One value a class.
  public let biases: [Float]

  /// - Throws: `SibylError` when the counts do not fit together, a class name comes twice or a value is not
  ///   finite.
  public init(classNames: [String], featureCount: Int, weights: [Float], biases: [Float]) throws(SibylError) {
    let classCount = classNames.count
    guard (2...Self.maximumClassCount).contains(classCount), Set(classNames).count == classCount else {
      throw SibylError(
        .invalidArgument,
        "a head needs 2 to \(Self.maximumClassCount) classes with distinct names, not \(classCount)")
    }
    guard (1...Self.maximumFeatureCount).contains(featureCount) else {
      throw SibylError(
        .invalidArgument, "a head needs 1 to \(Self.maximumFeatureCount) features, not \(featureCount)")
    }
    guard weights.count == classCount * featureCount, biases.count == classCount else {
      throw SibylError(
        .invalidArgument,
        "a head of \(classCount) classes and \(featureCount) features needs \(classCount * featureCount) "
          + "weights and \(classCount) biases, not \(weights.count) and \(biases.count)")
    }
    guard weights.allSatisfy(\.isFinite), biases.allSatisfy(\.isFinite) else {
      throw SibylError(.invalidArgument, "a head's weights and biases must be finite numbers")
    }
    self.classNames = classNames
    self.featureCount = featureCount
    self.weights = weights
    self.biases = biases
  }

  public var classCount: Int { classNames.count }

  /// The logits of one row of `featureCount` features, one a class.
  public func logits(of row: UnsafeBufferPointer<Float>) throws(SibylError) -> [Float] {
    guard row.count == featureCount, let features = row.baseAddress else {
      throw SibylError(
        .invalidArgument, "this head takes rows of \(featureCount) features, and one of \(row.count) came")
    }
    return weights.withUnsafeBufferPointer { weights in
      (0..<classCount).map { index in
        guard let base = weights.baseAddress else { return biases[index] }
        return biases[index]
          + RowProducts.dot(features, base + index * featureCount, count: featureCount)
      }
    }
  }

  /// The probabilities of one row of `featureCount` features, one a class; they sum to 1.
  public func probabilities(of row: UnsafeBufferPointer<Float>) throws(SibylError) -> [Float] {
    var logits = try logits(of: row)
    Softmax.apply(to: &logits)
    return logits
  }

  /// As above, for a row held in an array.
  public func probabilities(of row: [Float]) throws(SibylError) -> [Float] {
    try row.withUnsafeBufferPointer { row throws(SibylError) in try probabilities(of: row) }
  }

  /// The logits of every row, `rowCount * classCount` values, row after row.
  public func logits(of rows: FeatureMatrix) throws(SibylError) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows.rowCount * classCount)
    try rows.values.withUnsafeBufferPointer { values throws(SibylError) in
      for row in 0..<rows.rowCount {
        let range = row * rows.columnCount..<(row + 1) * rows.columnCount
        result += try logits(of: UnsafeBufferPointer(rebasing: values[range]))
      }
    }
    return result
  }

  /// The probabilities of every row, `rowCount * classCount` values, row after row.
  public func probabilities(of rows: FeatureMatrix) throws(SibylError) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows.rowCount * classCount)
    try rows.values.withUnsafeBufferPointer { values throws(SibylError) in
      for row in 0..<rows.rowCount {
        let range = row * rows.columnCount..<(row + 1) * rows.columnCount
        result += try probabilities(of: UnsafeBufferPointer(rebasing: values[range]))
      }
    }
    return result
  }
}
