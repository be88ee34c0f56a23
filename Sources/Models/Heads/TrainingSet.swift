import Diagnostics

/// What a softmax regression is trained on: rows of features, and for each row what is known of its class.
public struct TrainingSet: Sendable {
  public let features: FeatureMatrix
  public let classNames: [String]
  /// `rowCount * classCount` values, row after row: the probability of each class, summing to 1 in each row.
  /// A plain label is a 1 among zeros; a vote of many people may be spread.
  public let targets: [Float]
  /// One value a row: how much it counts. 0 leaves it out.
  public let weights: [Float]
  /// `rowCount * classCount` values that are added to a row's logits while training, or empty for none.
  /// Minus infinity takes a class out of that row's softmax: so a row that was labelled with two classes
  /// only says nothing about the third. A finite offset is prior knowledge that the regression adds to.
  public let offsets: [Float]

  public var rowCount: Int { features.rowCount }
  public var classCount: Int { classNames.count }

  /// - Throws: `SibylError` when the counts do not fit together, a value is not finite (offsets may be minus
  ///   infinity), a target is given to a class that its row excludes, or nothing has any weight.
  public init(
    features: FeatureMatrix, classNames: [String], targets: [Float], weights: [Float], offsets: [Float] = []
  ) throws(SibylError) {
    let rows = features.rowCount
    let cells = rows * classNames.count
    guard classNames.count >= 2, Set(classNames).count == classNames.count else {
      throw SibylError(
        .invalidArgument, "training needs at least 2 distinct classes, not \(classNames.count)")
    }
    guard rows > 0, targets.count == cells, weights.count == rows, offsets.isEmpty || offsets.count == cells
    else {
      throw SibylError(
        .invalidArgument,
        "training needs rows, with a target for each of \(classNames.count) classes and a weight each: "
          + "\(rows) rows came with \(targets.count) targets, \(weights.count) weights and "
          + "\(offsets.count) offsets")
    }
    guard features.values.allSatisfy(\.isFinite) else {
      throw SibylError(.invalidArgument, "training needs features that are finite numbers")
    }
    guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }), weights.contains(where: { $0 > 0 }) else {
      throw SibylError(.invalidArgument, "training needs row weights from 0 up, and at least one above 0")
    }
    guard targets.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw SibylError(.invalidArgument, "training needs targets from 0 to 1")
    }
    for row in 0..<rows {
      let range = row * classNames.count..<(row + 1) * classNames.count
      guard abs(targets[range].reduce(0, +) - 1) < 1e-3 else {
        throw SibylError(.invalidArgument, "the targets of training row \(row + 1) do not sum to 1")
      }
    }
    for (offset, target) in zip(offsets, targets) {
      guard offset.isFinite || (offset == -.infinity && target == 0) else {
        throw SibylError(
          .invalidArgument,
          "a training row's offset must be a finite number, or minus infinity for a class that it excludes")
      }
    }
    self.features = features
    self.classNames = classNames
    self.targets = targets
    self.weights = weights
    self.offsets = offsets
  }

  /// Rows with one plain label each, all of the same weight.
  ///
  /// - Parameter labels: one index into `classNames` a row.
  public init(features: FeatureMatrix, classNames: [String], labels: [Int]) throws(SibylError) {
    guard labels.count == features.rowCount, labels.allSatisfy(classNames.indices.contains) else {
      throw SibylError(
        .invalidArgument,
        "training needs one label a row, each one of the \(classNames.count) classes: "
          + "\(features.rowCount) rows came with \(labels.count) labels")
    }
    try self.init(
      features: features, classNames: classNames,
      targets: Self.oneHot(labels, classCount: classNames.count),
      weights: [Float](repeating: 1, count: labels.count))
  }

  static func oneHot(_ labels: [Int], classCount: Int) -> [Float] {
    var targets = [Float](repeating: 0, count: labels.count * classCount)
    for (row, label) in labels.enumerated() where label >= 0 && label < classCount {
      targets[row * classCount + label] = 1
    }
    return targets
  }
}
