import Diagnostics

/// Labelled rows for `HeadTrainer`: features, one class each, and the folds of a cross-validation, which lie one behind
/// the other.
public struct HeadTrainingSet: Sendable {
  public let classNames: [String]
  public private(set) var features: FeatureMatrix
  /// One index into `classNames` a row.
  public let labels: [Int]
  /// How much each row counts: how often it occurs.
  public let weights: [Float]
  public let folds: [Range<Int>]

  public var rowCount: Int { labels.count }
  public var classCount: Int { classNames.count }

  /// - Parameter foldSizes: how many rows each fold has, in their order.
  /// - Throws: `SibylError` where the counts do not fit together or a number is not finite.
  public init(
    classNames: [String], features: FeatureMatrix, labels: [Int], weights: [Float], foldSizes: [Int]
  ) throws(SibylError) {
    guard classNames.count >= 2, labels.count == features.rowCount, weights.count == labels.count,
      labels.allSatisfy(classNames.indices.contains), weights.allSatisfy({ $0.isFinite && $0 > 0 }),
      foldSizes.count >= 2, foldSizes.allSatisfy({ $0 > 0 }), foldSizes.reduce(0, +) == labels.count
    else {
      throw SibylError(
        .internalFault,
        "\(features.rowCount) rows of features came with \(labels.count) labels of \(classNames.count) classes, "
          + "\(weights.count) weights and \(foldSizes.count) folds")
    }
    guard features.values.allSatisfy(\.isFinite) else {
      throw SibylError(.internalFault, "the encoder gave features that are not finite numbers")
    }
    self.classNames = classNames
    self.features = features
    self.labels = labels
    self.weights = weights
    var end = 0
    folds = foldSizes.map { size in
      defer { end += size }
      return end..<end + size
    }
  }

  /// Shifts and scales the features.
  mutating func scale(by scaling: FeatureScaling) { features.apply(scaling) }
}
