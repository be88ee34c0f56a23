import Diagnostics
import Tensor
import TestSupport
import Testing

/// A team whose parts run one after the other, last one first: the order must not matter.
final class BackwardTeam: Team {
  let cores: Int
  init(cores: Int) { self.cores = cores }
  func run(parts: Int, _ body: @escaping (Int) -> Void) {
    for part in (0..<parts).reversed() { body(part) }
  }
}

@Suite struct LinearLayerTests {
  static let inputs = 128
  static let outputs = 256

  struct Fixture {
    var generator = SeededGenerator(seed: 7)
    let weights: [Float]
    let bias: [Float]
    let layer: LinearLayer
    let workspace: Workspace
    let precision: Precision

    init(_ precision: Precision) throws {
      weights = generator.floats(LinearLayerTests.inputs * LinearLayerTests.outputs)
      bias = generator.floats(LinearLayerTests.outputs)
      layer = try weights.withUnsafeBufferPointer { [bias] in
        try LinearLayer(
          weights: $0, bias: bias, inputs: LinearLayerTests.inputs, outputs: LinearLayerTests.outputs,
          precision: precision, shapes: try LayerShapes(areShared: true))
      }
      workspace = try Workspace(widestLayer: LinearLayerTests.outputs)
      self.precision = precision
    }

    /// Rows in the layer's input format.
    func activations(_ x: [Float], rows: Int) throws -> Activations {
      let input = try Activations(rowCapacity: rows, columns: LinearLayerTests.inputs, precision: precision)
      input.load(x, rows: rows)
      return input
    }

    func project(_ x: [Float], rows: Int) throws -> [Float] {
      let output = try FloatMatrix(rowCapacity: rows, columns: LinearLayerTests.outputs)
      try layer.project(activations(x, rows: rows), rows: 0..<rows, into: output, workspace)
      return output.values(rows: 0..<rows)
    }
  }

  @Test(arguments: [(Precision.f32, 1e-5), (.bf16, 2e-2), (.int8, 2e-2)])
  func matchesReference(precision: Precision, tolerance: Double) throws {
    var fixture = try Fixture(precision)
    for rows in [1, 3, 4, 5, 63, 64, 65, 130] {
      let x = fixture.generator.floats(rows * Self.inputs)
      let expected = ReferenceMath.linear(x, rows: rows, fixture.weights, fixture.bias)
      #expect(ReferenceMath.error(try fixture.project(x, rows: rows), expected) < tolerance, "\(rows) rows")
    }
  }

  @Test func int8RowsDoNotDependOnTheirNeighbours() throws {
    var fixture = try Fixture(.int8)
    let rows = 100
    let x = fixture.generator.floats(rows * Self.inputs)
    let together = try fixture.project(x, rows: rows)
    for row in 0..<rows {
      let alone = try fixture.project(Array(x[(row * Self.inputs)..<((row + 1) * Self.inputs)]), rows: 1)
      #expect(alone == Array(together[(row * Self.outputs)..<((row + 1) * Self.outputs)]))
    }
  }

  @Test(arguments: [2, 3, 4]) func teamsGiveTheSameBits(cores: Int) throws {
    var fixture = try Fixture(.int8)
    let rows = 70
    let x = fixture.generator.floats(rows * Self.inputs)
    let alone = try fixture.project(x, rows: rows)
    fixture.workspace.team = BackwardTeam(cores: cores)
    #expect(try fixture.project(x, rows: rows) == alone)
  }

  @Test func geluMatchesReference() throws {
    var fixture = try Fixture(.f32)
    let rows = 37
    let x = fixture.generator.floats(rows * Self.inputs)
    let output = try Activations(rowCapacity: rows, columns: Self.outputs, precision: .f32)
    try fixture.layer.projectGELU(
      fixture.activations(x, rows: rows), rows: 0..<rows, into: output, fixture.workspace)
    let expected = ReferenceMath.linear(x, rows: rows, fixture.weights, fixture.bias).map(ReferenceMath.gelu)
    #expect(ReferenceMath.error(output.floats(rows: rows), expected) < 1e-5)
  }

  @Test func int8GELUIsWithinAStepOfTheReference() throws {
    var fixture = try Fixture(.int8)
    let rows = 37
    let x = fixture.generator.floats(rows * Self.inputs)
    let output = try Activations(rowCapacity: rows, columns: Self.outputs, precision: .int8)
    try fixture.layer.projectGELU(
      fixture.activations(x, rows: rows), rows: 0..<rows, into: output, fixture.workspace)
    let expected = ReferenceMath.linear(x, rows: rows, fixture.weights, fixture.bias).map(ReferenceMath.gelu)
    #expect(ReferenceMath.error(output.floats(rows: rows), expected) < 2e-2)
  }

  @Test func residualAndNormMatchReference() throws {
    var fixture = try Fixture(.f32)
    let rows = 66
    let x = fixture.generator.floats(rows * Self.inputs)
    let residual = fixture.generator.floats(rows * Self.outputs)
    let weight = fixture.generator.floats(Self.outputs)
    let bias = fixture.generator.floats(Self.outputs)
    let hidden = try FloatMatrix(rowCapacity: rows, columns: Self.outputs)
    hidden.load(residual)
    let output = try Activations(rowCapacity: rows, columns: Self.outputs, precision: .f32)
    try fixture.layer.projectAddNorm(
      fixture.activations(x, rows: rows), from: 0, rows: 0..<rows, hidden: hidden,
      norm: LayerNorm(weight: weight, bias: bias, epsilon: 1e-12), into: output, fixture.workspace)
    let product = ReferenceMath.linear(x, rows: rows, fixture.weights, fixture.bias)
    let sum = zip(product, residual).map { $0 + Double($1) }
    let expected = ReferenceMath.norm(sum, columns: Self.outputs, weight, bias, 1e-12)
    #expect(ReferenceMath.error(hidden.values(rows: 0..<rows), expected) < 1e-4)
    #expect(output.floats(rows: rows) == hidden.values(rows: 0..<rows))
  }

  @Test func refusesWeightsOfAnotherShape() {
    for (inputs, outputs, count) in [(128, 256, 10), (0, 32, 0), (33, 32, 33 * 32), (Int.max, 2, 4)] {
      #expect(throws: SibylError.self) {
        try [Float](repeating: 0, count: count).withUnsafeBufferPointer {
          try LinearLayer(
            weights: $0, bias: [Float](repeating: 0, count: 256), inputs: inputs, outputs: outputs,
            precision: .f32, shapes: try LayerShapes(areShared: true))
        }
      }
    }
  }

  @Test func survivesInfinitiesAndNaN() throws {
    let fixture = try Fixture(.int8)
    for poison in [Float.infinity, -.infinity, .nan, .greatestFiniteMagnitude] {
      var x = [Float](repeating: 0.5, count: Self.inputs)
      x[17] = poison
      #expect(try fixture.project(x, rows: 1).count == Self.outputs)
    }
  }
}

@Suite struct AttentionTests {
  @Test(arguments: [1, 2, 7, 8, 15, 16, 17, 31, 33, 100, 256]) func matchesReference(length: Int) throws {
    var generator = SeededGenerator(seed: UInt64(length))
    let heads = 4
    let dimensions = 32
    let width = heads * dimensions
    let before = 3
    let rows = before + length
    let qkv = generator.floats(rows * 3 * width, -2...2)
    let projections = try FloatMatrix(rowCapacity: rows, columns: 3 * width)
    projections.load(qkv)
    let attention = try SelfAttention(
      heads: heads, headDimensions: dimensions, longest: 256, rowCapacity: rows)
    let output = try Activations(rowCapacity: rows, columns: width, precision: .f32)
    let sequences = [0..<before, before..<rows]
    try attention(projections, sequences: sequences, rows: 0..<rows, into: output)
    let alone = output.floats(rows: rows)
    let expected = ReferenceMath.attention(
      Array(qkv[(before * 3 * width)...]), length: length, heads: heads, dimensions: dimensions)
    #expect(ReferenceMath.error(Array(alone[(before * width)...]), expected) < 1e-5)

    // Rows may be asked for some at a time, in any order.
    let shared = try Activations(rowCapacity: rows, columns: width, precision: .f32)
    for some in RowTiles.shares(of: rows, cores: 3, precision: .int8).reversed() {
      try attention(projections, sequences: sequences, rows: some, into: shared)
    }
    #expect(shared.floats(rows: rows) == alone)
    #expect(throws: SibylError.self) {
      try attention(projections, sequences: sequences, rows: 0..<(rows + 1), into: output)
    }
  }

  @Test func refusesHeadsItCannotCompute() {
    #expect(throws: SibylError.self) {
      try SelfAttention(heads: 3, headDimensions: 20, longest: 8, rowCapacity: 8)
    }
  }
}

@Suite struct VectorTests {
  @Test func meanPoolIsNormalised() throws {
    var generator = SeededGenerator(seed: 3)
    let hidden = try FloatMatrix(rowCapacity: 5, columns: 64)
    let values = generator.floats(5 * 64)
    hidden.load(values)
    var pool = [Float](repeating: 0, count: 64)
    pool.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { VectorMath.meanPool(hidden, rows: 1..<4, into: base) }
    }
    let mean = (0..<64).map { c in (1..<4).reduce(0.0) { $0 + Double(values[$1 * 64 + c]) } / 3 }
    let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(ReferenceMath.error(pool, mean.map { $0 / norm }) < 1e-6)
  }

  @Test func dotProductTakesAnyLength() {
    var generator = SeededGenerator(seed: 4)
    for count in [0, 1, 15, 16, 33, 384, 1000] {
      let a = generator.floats(count)
      let b = generator.floats(count)
      let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let found = a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in VectorMath.dot(a, b) } }
      #expect(abs(Double(found) - expected) < 1e-4)
    }
  }

  @Test func tilesCoverEveryRowOnceAndHaveFewHeights() {
    for rows in 0..<600 {
      var next = 5
      var heights: [Int] = []
      for tile in RowTiles(5..<(5 + rows)) {
        #expect(tile.lowerBound == next && !tile.isEmpty && tile.count <= RowTiles.maximumRows)
        next = tile.upperBound
        heights.append((tile.count + 3) / 4 * 4)
      }
      #expect(next == 5 + rows)
      #expect((heights.max() ?? 0) - (heights.min() ?? 0) <= 4)
      #expect(heights.reduce(0, +) - rows < 4, "rows are computed in vain")
    }
  }

  @Test(arguments: [Precision.f32, .int8]) func sharesCoverEveryRowOnce(precision: Precision) {
    for cores in 1...5 {
      for rows in 0..<200 {
        let shares = RowTiles.shares(of: rows, cores: cores, precision: precision)
        #expect(shares.flatMap { Array($0) } == Array(0..<rows))
        #expect(shares.count <= cores && shares.allSatisfy { !$0.isEmpty })
        // All wait for the core with the most rows. Below four rows a core, fewer cores share them.
        guard rows >= 4 * cores else { continue }
        #expect((shares.map(\.count).max() ?? 0) <= (rows + cores - 1) / cores + 3)
      }
    }
    guard precision == .int8, PanelWeights.areAtHand else { return }
    #expect(RowTiles.shares(of: 25, cores: 2, precision: precision) == [0..<13, 13..<25])
  }
}
