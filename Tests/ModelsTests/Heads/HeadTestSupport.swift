import Diagnostics
import Models

/// Seeded numbers for tests.
struct HeadTestGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func float() -> Float { Float.random(in: -1...1, using: &self) }

  mutating func unitVector(_ count: Int) -> [Float] {
    let vector = (0..<count).map { _ in float() }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return vector.map { $0 / length }
  }
}

/// Rows that lie around one centre a class, of an odd width so that no vector loop comes out even.
func clusteredRows(
  rows: Int, classes: Int, width: Int = 37, spread: Float = 0.3, seed: UInt64 = 11
) throws(SibylError) -> (features: FeatureMatrix, labels: [Int]) {
  var generator = HeadTestGenerator(seed: seed)
  let centres = (0..<classes).map { _ in generator.unitVector(width) }
  var features = FeatureMatrix(columnCount: width)
  var labels: [Int] = []
  for row in 0..<rows {
    let label = row % classes
    try features.append(centres[label].map { $0 + spread * generator.float() })
    labels.append(label)
  }
  return (features, labels)
}

func headAccuracy(_ regression: SoftmaxRegression, _ features: FeatureMatrix, _ labels: [Int]) throws
  -> Double
{
  var found = 0
  for row in 0..<features.rowCount {
    let probabilities = try regression.probabilities(of: Array(features[row: row]))
    if probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] }) == labels[row] { found += 1 }
  }
  return Double(found) / Double(features.rowCount)
}
