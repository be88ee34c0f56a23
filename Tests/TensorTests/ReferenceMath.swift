import Tensor
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The same layers in the plainest possible Swift and in double precision, to compare the fast ones with.
enum ReferenceMath {
  static func linear(_ x: [Float], rows: Int, _ weights: [Float], _ bias: [Float]) -> [Double] {
    let outputs = bias.count
    let inputs = weights.count / outputs
    var y: [Double] = []
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum = Double(bias[output])
        for i in 0..<inputs { sum += Double(x[row * inputs + i]) * Double(weights[output * inputs + i]) }
        y.append(sum)
      }
    }
    return y
  }

  static func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }

  static func norm(_ x: [Double], columns: Int, _ weight: [Float], _ bias: [Float], _ epsilon: Double)
    -> [Double]
  {
    var y: [Double] = []
    for start in stride(from: 0, to: x.count, by: columns) {
      let row = x[start..<(start + columns)]
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      for (i, value) in row.enumerated() {
        y.append((value - mean) / (variance + epsilon).squareRoot() * Double(weight[i]) + Double(bias[i]))
      }
    }
    return y
  }

  /// `qkv` is length x 3·width with queries already scaled.
  static func attention(_ qkv: [Float], length: Int, heads: Int, dimensions: Int) -> [Double] {
    let width = heads * dimensions
    var y = [Double](repeating: 0, count: length * width)
    func value(_ row: Int, _ part: Int, _ column: Int) -> Double {
      Double(qkv[row * 3 * width + part * width + column])
    }
    for head in 0..<heads {
      let columns = (head * dimensions)..<((head + 1) * dimensions)
      for i in 0..<length {
        var scores = [Double](repeating: 0, count: length)
        for j in 0..<length {
          for c in columns { scores[j] += value(i, 0, c) * value(j, 1, c) }
        }
        let highest: Double = scores.max() ?? 0
        let weights: [Double] = scores.map { exp($0 - highest) }
        let total: Double = weights.reduce(0, +)
        for j in 0..<length {
          let weight: Double = weights[j] / total
          for c in columns { y[i * width + c] += weight * value(j, 2, c) }
        }
      }
    }
    return y
  }

  /// Largest difference, relative to the largest magnitude.
  static func error(_ found: [Float], _ expected: [Double]) -> Double {
    let scale = expected.map(abs).max() ?? 1
    return zip(found, expected).map { abs(Double($0) - $1) }.max().map { $0 / max(scale, 1e-30) } ?? 0
  }
}

extension SeededGenerator {
  mutating func floats(_ count: Int, _ range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
