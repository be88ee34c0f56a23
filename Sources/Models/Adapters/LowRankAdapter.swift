import Diagnostics
import Tensor

/// Low-rank changes of an encoder's matrices (Hu et al. 2021): `W' = W + scale · B · A` with A: rank x inputs and
/// B: outputs x rank.
///
/// Once they are added to the weights (`AdaptedWeights`), an adapted encoder costs what the plain one does.
public struct LowRankAdapter: Sendable, Equatable {
  /// The change of one matrix.
  public struct Factors: Sendable, Equatable {
    /// A, rank x inputs, row-major.
    public let a: [Float]
    /// B, outputs x rank, row-major.
    public let b: [Float]

    public init(a: [Float], b: [Float]) {
      self.a = a
      self.b = b
    }
  }

  public static let ranks = 1...64

  public let configuration: BertConfiguration
  public let rank: Int
  public let scale: Float
  /// The matrices of the first layer in the order of `AdaptedMatrix`, then those of the second, …
  private let factors: [Factors]

  /// - Throws: `.invalidArgument` where a factor has another size than the encoder's matrix asks for, or a value
  ///   is not finite.
  public init(
    configuration: BertConfiguration, rank: Int, scale: Float, factors: [Factors]
  ) throws(SibylError) {
    let kinds = AdaptedMatrix.allCases
    guard Self.ranks.contains(rank), scale.isFinite, factors.count == configuration.layers * kinds.count
    else {
      throw SibylError(
        .invalidArgument,
        "an adapter for \(configuration.layers) layers needs \(kinds.count) matrices a layer, a rank from "
          + "\(Self.ranks.lowerBound) to \(Self.ranks.upperBound) and a finite scale; it came with "
          + "\(factors.count) matrices, rank \(rank) and scale \(scale)")
    }
    for (index, factor) in factors.enumerated() {
      let matrix = kinds[index % kinds.count]
      guard
        factor.a.count == rank * matrix.inputs(configuration),
        factor.b.count == rank * matrix.outputs(configuration),
        factor.a.allSatisfy(\.isFinite), factor.b.allSatisfy(\.isFinite)
      else {
        throw SibylError(
          .invalidArgument,
          "the adapter's factors of \(matrix.name) in layer \(index / kinds.count) are not \(rank) x "
            + "\(matrix.inputs(configuration)) and \(matrix.outputs(configuration)) x \(rank) finite numbers")
      }
    }
    self.configuration = configuration
    self.rank = rank
    self.scale = scale
    self.factors = factors
  }

  /// The factors of a matrix; `layer` is below the configuration's number of layers.
  public func factors(layer: Int, _ matrix: AdaptedMatrix) -> Factors {
    factors[layer * AdaptedMatrix.allCases.count + matrix.rawValue]
  }

  /// `weights += scale · B · A` for one matrix, outputs x inputs.
  func add(layer: Int, _ matrix: AdaptedMatrix, to weights: UnsafeMutableBufferPointer<Float>)
    throws(SibylError)
  {
    let factors = factors(layer: layer, matrix)
    let (inputs, outputs) = (matrix.inputs(configuration), matrix.outputs(configuration))
    guard weights.count == inputs * outputs, let target = weights.baseAddress else {
      throw SibylError(.internalFault, "an adapter was to be added to a matrix of another shape")
    }
    try factors.a.withUnsafeBufferPointer { (a) throws(SibylError) in
      try factors.b.withUnsafeBufferPointer { (b) throws(SibylError) in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        try FloatProduct.multiply(
          .init(b, stride: rank), .init(a, stride: inputs), into: target, stride: inputs, rows: outputs,
          columns: inputs, inner: rank, scale: scale, isAdded: true)
      }
    }
  }
}
