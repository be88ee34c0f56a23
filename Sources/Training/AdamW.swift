import Diagnostics
import Tensor

/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019, algorithm 2).
struct AdamW {
  private static let firstDecay: Float = 0.9
  private static let secondDecay: Float = 0.999
  private static let epsilon: Float = 1e-8

  private let first: FloatMatrix
  private let second: FloatMatrix
  private let count: Int
  private var firstPower: Float = 1
  private var secondPower: Float = 1

  init(count: Int) throws(SibylError) {
    self.count = count
    first = try FloatMatrix(rowCapacity: 1, columns: count)
    second = try FloatMatrix(rowCapacity: 1, columns: count)
    first[row: 0].update(repeating: 0, count: count)
    second[row: 0].update(repeating: 0, count: count)
  }

  /// Begins a step.
  mutating func advance() {
    firstPower *= Self.firstDecay
    secondPower *= Self.secondDecay
  }

  /// Moves some of the parameters.
  ///
  /// - Parameter gradientScale: multiplied with the gradient before it is used.
  func update(
    _ parameters: UnsafeMutablePointer<Float>, _ range: Range<Int>, gradient: UnsafePointer<Float>,
    gradientScale: Float, learningRate: Float, weightDecay: Float
  ) {
    guard range.lowerBound >= 0, range.upperBound <= count else { return }
    let (m, v) = (first[row: 0], second[row: 0])
    let stepSize = learningRate / (1 - firstPower)
    let secondCorrection = 1 / (1 - secondPower).squareRoot()
    let kept = 1 - learningRate * weightDecay
    for index in range {
      let g = gradient[index] * gradientScale
      m[index] = Self.firstDecay * m[index] + (1 - Self.firstDecay) * g
      v[index] = Self.secondDecay * v[index] + (1 - Self.secondDecay) * g * g
      let deviation = v[index].squareRoot() * secondCorrection + Self.epsilon
      parameters[index] = parameters[index] * kept - stepSize * m[index] / deviation
    }
  }
}
