import Models

/// Where the trained numbers lie in one vector: each layer's A matrices (query, key and value side by side, so that
/// one product makes all three), its B matrices, and last the head's weights (classes x features) and biases.
struct ParameterLayout: Sendable {
  let configuration: BertConfiguration
  let rank: Int
  let classCount: Int

  var featureCount: Int { configuration.layers * configuration.dimensions }
  private var aCount: Int { AdaptedMatrix.allCases.reduce(0) { $0 + rank * $1.inputs(configuration) } }
  private var bCount: Int { AdaptedMatrix.allCases.reduce(0) { $0 + rank * $1.outputs(configuration) } }
  /// Numbers of all adapters; the head's follow.
  var adapterCount: Int { configuration.layers * (aCount + bCount) }
  var headWeights: Range<Int> { adapterCount..<adapterCount + classCount * featureCount }
  var headBiases: Range<Int> { headWeights.upperBound..<headWeights.upperBound + classCount }
  var count: Int { headBiases.upperBound }

  /// A of a matrix, rank x inputs.
  func a(layer: Int, _ matrix: AdaptedMatrix) -> Range<Int> {
    let before = AdaptedMatrix.allCases.prefix(matrix.rawValue).reduce(0) {
      $0 + rank * $1.inputs(configuration)
    }
    let start = layer * (aCount + bCount) + before
    return start..<start + rank * matrix.inputs(configuration)
  }

  /// B of a matrix, outputs x rank.
  func b(layer: Int, _ matrix: AdaptedMatrix) -> Range<Int> {
    let before = AdaptedMatrix.allCases.prefix(matrix.rawValue).reduce(0) {
      $0 + rank * $1.outputs(configuration)
    }
    let start = layer * (aCount + bCount) + aCount + before
    return start..<start + rank * matrix.outputs(configuration)
  }
}
