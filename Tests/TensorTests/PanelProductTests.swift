import Diagnostics
import Tensor
import TestSupport
import Testing

/// Sibyl's own int8 product against sums in the plainest Swift: both are exact.
@Suite(
  .enabled(if: PanelWeights.areAtHand, "SKIPPED: this CPU has no AVX-512 VNNI, or has AMX; oneDNN multiplies")
)
struct PanelProductTests {
  private static let columnsBehind: Int32 = 0x5a5a_5a5a

  private static func exact(_ x: [UInt8], _ weights: [Int8], rows: Int, inputs: Int, outputs: Int) -> [Int32]
  {
    var sums: [Int32] = []
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum: Int32 = 0
        for i in 0..<inputs { sum += Int32(x[row * inputs + i]) * Int32(weights[output * inputs + i]) }
        sums.append(sum)
      }
    }
    return sums
  }

  private static func product(
    _ x: [UInt8], _ weights: PanelWeights, rows: Int, parts: Int = 1, only: Int? = nil
  ) -> [Int32] {
    var sums = [Int32](repeating: columnsBehind, count: rows * weights.outputs)
    sums.withUnsafeMutableBytes { sums in
      x.withUnsafeBytes { x in
        guard let sums = sums.baseAddress, let x = x.baseAddress else { return }
        for part in 0..<parts where only == nil || only == part {
          _ = weights.multiply(x, rows: rows, part: part, of: parts, into: sums)
        }
      }
    }
    return sums
  }

  /// Bytes of all values, the extremes among the first.
  private static func operands(
    rows: Int, inputs: Int, outputs: Int, seed: UInt64
  ) -> (x: [UInt8], weights: [Int8]) {
    var generator = SeededGenerator(seed: seed)
    var x = (0..<(rows * inputs)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    var weights = (0..<(outputs * inputs)).map { _ in Int8(truncatingIfNeeded: generator.next()) }
    for i in 0..<inputs { (x[i], weights[i]) = (255, i < inputs / 2 ? -128 : 127) }
    return (x, weights)
  }

  private static func panels(_ weights: [Int8], inputs: Int, outputs: Int) throws -> PanelWeights {
    try weights.withUnsafeBufferPointer {
      try PanelWeights(#require($0.baseAddress), inputs: inputs, outputs: outputs, in: nil)
    }
  }

  @Test(arguments: [(32, 32), (64, 96), (384, 64), (1536, 32)])
  func sumsAreExactForEveryNumberOfRows(inputs: Int, outputs: Int) throws {
    let most = RowTiles.maximumRows + 1
    let (x, weights) = Self.operands(rows: most, inputs: inputs, outputs: outputs, seed: 5)
    let panels = try Self.panels(weights, inputs: inputs, outputs: outputs)
    let expected = Self.exact(x, weights, rows: most, inputs: inputs, outputs: outputs)
    for rows in 1...most {
      #expect(Self.product(x, panels, rows: rows) == Array(expected[..<(rows * outputs)]), "\(rows) rows")
    }
  }

  @Test func partsWriteTheirOwnColumnsOnly() throws {
    let (rows, inputs, outputs) = (17, 64, 160)
    let (x, weights) = Self.operands(rows: rows, inputs: inputs, outputs: outputs, seed: 6)
    let panels = try Self.panels(weights, inputs: inputs, outputs: outputs)
    let whole = Self.product(x, panels, rows: rows)
    for parts in 1...panels.panelCount {
      #expect(Self.product(x, panels, rows: rows, parts: parts) == whole)
    }
    let second = Self.product(x, panels, rows: rows, parts: 2, only: 1)
    for row in 0..<rows {
      #expect(second[row * outputs..<(row * outputs + 64)].allSatisfy { $0 == Self.columnsBehind })
      #expect(
        second[(row * outputs + 64)..<((row + 1) * outputs)]
          == whole[(row * outputs + 64)..<((row + 1) * outputs)])
    }
  }

  @Test func layersOfAModelShareMemoryWhileThereIsRoom() throws {
    let memory = try PanelMemory(capacity: 32 * 32 + 100)
    let first = try #require(memory.take(32 * 32))
    let second = try #require(memory.take(36))
    #expect(second - first == 32 * 32)
    let third = try #require(memory.take(30))
    #expect(third - second == 64, "a cache line of its own")
    #expect(memory.take(32) == nil && memory.take(.max) == nil && memory.take(-1) == nil)

    // Weights that find no room have memory of their own, and the same sums.
    let (x, weights) = Self.operands(rows: 3, inputs: 32, outputs: 64, seed: 7)
    let own = try Self.panels(weights, inputs: 32, outputs: 64)
    let crowded = try weights.withUnsafeBufferPointer {
      try PanelWeights(#require($0.baseAddress), inputs: 32, outputs: 64, in: memory)
    }
    #expect(Self.product(x, crowded, rows: 3) == Self.product(x, own, rows: 3))
  }
}
