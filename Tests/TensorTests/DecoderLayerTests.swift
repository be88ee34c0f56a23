import Diagnostics
import Foundation
import Tensor
import TestSupport
import Testing

@Suite("Layers of a decoder")
struct DecoderLayerTests {
  static func numbers(_ count: Int, seed: UInt64, spread: Float = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -spread...spread, using: &generator) }
  }

  static func groupedLayer(
    _ weights: [Float], bias: [Float], inputs: Int, outputs: Int
  ) throws -> LinearLayer {
    let grouped = try GroupedWeights(inputs: inputs, outputs: outputs, bits: 8)
    weights.withUnsafeBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      for output in 0..<outputs { grouped.fill(output: output, floats: base + output * inputs) }
    }
    return try LinearLayer(grouped, bias: bias)
  }

  static func input(_ values: [Float], rows: Int, columns: Int) throws -> Activations {
    let input = try Activations(
      rowCapacity: rows, columns: columns, precision: .int8, scales: .perGroup)
    input.load(values, rows: rows)
    return input
  }

  /// Every number of rows takes another way through the kernel; one row far from the others has no say in theirs.
  @Test(arguments: [1, 2, 3, 5, 6, 7, 13, 64, 67, 130])
  func groupedProductsAreCloseAndIndependent(rows: Int) throws {
    let inputs = 96
    let outputs = 160
    let weights = Self.numbers(inputs * outputs, seed: 1)
    let bias = Self.numbers(outputs, seed: 2)
    var values = Self.numbers(inputs * rows, seed: 3)
    values[inputs * rows - 1] = 1000
    let layer = try Self.groupedLayer(weights, bias: bias, inputs: inputs, outputs: outputs)
    let output = try FloatMatrix(rowCapacity: rows, columns: outputs)
    let workspace = try Workspace(widestLayer: outputs)
    try layer.project(
      Self.input(values, rows: rows, columns: inputs), rows: 0..<rows, into: output, workspace)
    let found = output.values(rows: 0..<rows)
    for row in 0..<rows {
      let x = Array(values[(row * inputs)..<((row + 1) * inputs)])
      try layer.project(Self.input(x, rows: 1, columns: inputs), rows: 0..<1, into: output, workspace)
      let alone = output.values(rows: 0..<1)
      #expect(alone == Array(found[(row * outputs)..<((row + 1) * outputs)]))
      // Half a step of each factor, times the other; the steps are a 255th of the groups' ranges.
      let bound = Float(inputs) * (1.0 / 255 + (row == rows - 1 ? 1001.0 / 510 : 1.0 / 255)) * 1.05
      for channel in 0..<outputs {
        let exact = (0..<inputs).reduce(Double(bias[channel])) {
          $0 + Double(x[$1]) * Double(weights[channel * inputs + $1])
        }
        #expect(abs(Float(exact) - alone[channel]) <= bound)
      }
    }
  }

  @Test func activationsInGroupsKeepZerosAndOutliers() throws {
    var values = Self.numbers(128, seed: 4, spread: 0.01)
    values[3] = 0
    values[40] = 500
    for index in 64..<96 { values[index] = 0 }
    values[100] = -7
    let rounded = try Self.input(values, rows: 1, columns: 128).floats(rows: 1)
    for (index, (value, found)) in zip(values, rounded).enumerated() {
      let range: Float = index < 32 ? 0.02 : index < 64 ? 500.02 : index < 96 ? 0 : 7.02
      #expect(abs(value - found) <= range / 509, "\(index)")
    }
    #expect(rounded[3] == 0)
    let odd = try Self.input([.infinity, .nan] + [Float](repeating: 1, count: 30), rows: 1, columns: 32)
    #expect(odd.floats(rows: 1).count == 32)
  }

  @Test func weightsThatDoNotFitAreRefused() throws {
    #expect(throws: SibylError.self) { try GroupedWeights(inputs: 33, outputs: 32, bits: 8) }
    #expect(throws: SibylError.self) { try GroupedWeights(inputs: 32, outputs: 0, bits: 8) }
    #expect(throws: SibylError.self) { try GroupedWeights(inputs: 32, outputs: 32, bits: 5) }
    #expect(throws: SibylError.self) { try GroupedWeights(inputs: 1 << 40, outputs: 1 << 40, bits: 8) }
    let grouped = try GroupedWeights(inputs: 32, outputs: 32, bits: 4)
    let zeros = [UInt8](repeating: 0, count: 64)
    zeros.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      // Q8_0 has more than four bits; Q4_1 has not, but there is no such output.
      #expect(!grouped.fill(output: 0, format: 8, blocks: base))
      #expect(!grouped.fill(output: 32, format: 3, blocks: base))
      #expect(grouped.fill(output: 31, format: 3, blocks: base))
    }
    #expect(throws: SibylError.self) { try LinearLayer(grouped, bias: [1]) }
  }

  @Test func normalisesByTheRootMeanSquare() throws {
    let columns = 96
    let x = Self.numbers(columns * 3, seed: 5, spread: 3)
    let weight = Self.numbers(columns, seed: 6)
    let norm = try RMSNorm(weight: weight, epsilon: 1e-5)
    let hidden = try FloatMatrix(rowCapacity: 3, columns: columns)
    hidden.load(x)
    let output = try Activations(rowCapacity: 3, columns: columns, precision: .f32)
    try norm(hidden, rows: 0..<3, into: output, Workspace(widestLayer: columns))
    let found = output.floats(rows: 3)
    for row in 0..<3 {
      let values = x[(row * columns)..<((row + 1) * columns)]
      let mean = values.reduce(0) { $0 + Double($1 * $1) } / Double(columns)
      for (index, value) in values.enumerated() {
        let exact = Double(value) / (mean + 1e-5).squareRoot() * Double(weight[index])
        #expect(abs(Double(found[row * columns + index]) - exact) < 1e-5)
      }
    }
    #expect(throws: SibylError.self) { try RMSNorm(weight: [1, 2], epsilon: 0) }
  }

  @Test func turnsPairsByTheirPosition() throws {
    let frequencies = (0..<16).map { 1 / Double($0 + 1) }
    let rotary = try RotaryEmbedding(frequencies: frequencies)
    let vectors = try FloatMatrix(rowCapacity: 2, columns: 128)
    let x = Self.numbers(256, seed: 7)
    vectors.load(x)
    let angles = try FloatMatrix(rowCapacity: 2, columns: 32)
    try rotary.fill(angles, positions: [0, 1000])
    // The second of two heads of 64 dimensions, half of which turn.
    try rotary(
      vectors, rows: 0..<2, column: 64, heads: 1, headDimensions: 64, angles: angles, norm: nil, scale: 2)
    let found = vectors.values(rows: 0..<2)
    #expect(Array(found[0..<64]) == Array(x[0..<64]))
    #expect(Array(found[64..<128]) == x[64..<128].map { 2 * $0 })
    for index in 0..<16 {
      let angle = 1000 * frequencies[index]
      let a = Double(x[192 + index])
      let b = Double(x[208 + index])
      #expect(abs(Double(found[192 + index]) - 2 * (a * cos(angle) - b * sin(angle))) < 1e-5)
      #expect(abs(Double(found[208 + index]) - 2 * (a * sin(angle) + b * cos(angle))) < 1e-5)
    }
    #expect(Array(found[224..<256]) == x[224..<256].map { 2 * $0 })
  }
}
