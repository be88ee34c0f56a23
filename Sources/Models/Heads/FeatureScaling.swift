import Diagnostics

/// How features are shifted and scaled while training, so that L2 regularisation treats them alike. The
/// trained head takes raw features: shift and scale are folded into its weights.
public struct FeatureScaling: Sendable, Equatable {
  /// Subtracted from each feature.
  public let shifts: [Float]
  /// Multiplied with each feature after that.
  public let scales: [Float]

  /// Features as they are.
  public static func identity(featureCount: Int) -> FeatureScaling {
    FeatureScaling(
      shifts: [Float](repeating: 0, count: max(featureCount, 0)),
      scales: [Float](repeating: 1, count: max(featureCount, 0)))
  }

  /// Features shifted to a mean of zero, with their lengths kept.
  public static func centring(_ features: FeatureMatrix) -> FeatureScaling {
    FeatureScaling(
      shifts: moments(features).means.map { Float($0) },
      scales: [Float](repeating: 1, count: features.columnCount))
  }

  /// Features shifted to a mean of zero and divided by the root mean variance of their block.
  ///
  /// A block is what one layer's pool occupies. One scale for all of it, rather than one a feature, because
  /// features that hardly vary would be blown up, and with them the rounding noise of an int8 encoder.
  public static func standardising(_ features: FeatureMatrix, blockWidth: Int) -> FeatureScaling {
    let (means, variances) = moments(features)
    var scales = [Float](repeating: 1, count: features.columnCount)
    let width = max(blockWidth, 1)
    for start in stride(from: 0, to: features.columnCount, by: width) {
      let block = start..<min(start + width, features.columnCount)
      let deviation = (variances[block].reduce(0, +) / Double(block.count)).squareRoot()
      let scale = deviation > 1e-9 ? Float(1 / deviation) : 1
      for column in block { scales[column] = scale }
    }
    return FeatureScaling(shifts: means.map { Float($0) }, scales: scales)
  }

  /// This scaling and then another, which shifts nothing.
  func followed(by other: FeatureScaling) -> FeatureScaling {
    FeatureScaling(shifts: shifts, scales: zip(scales, other.scales).map { $0 * $1 })
  }

  private static func moments(_ features: FeatureMatrix) -> (means: [Double], variances: [Double]) {
    let columns = features.columnCount
    var means = [Double](repeating: 0, count: columns)
    var variances = means
    guard features.rowCount > 0 else { return (means, variances) }
    let share = 1 / Double(features.rowCount)
    features.values.withUnsafeBufferPointer { values in
      for row in 0..<features.rowCount {
        let start = row * columns
        for column in 0..<columns { means[column] += Double(values[start + column]) }
      }
      for column in 0..<columns { means[column] *= share }
      for row in 0..<features.rowCount {
        let start = row * columns
        for column in 0..<columns {
          let difference = Double(values[start + column]) - means[column]
          variances[column] += difference * difference
        }
      }
    }
    for column in 0..<columns { variances[column] *= share }
    return (means, variances)
  }
}
