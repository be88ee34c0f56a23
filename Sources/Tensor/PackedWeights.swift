import COneDNN
import Diagnostics

/// A layer's weights as oneDNN wants them, whole and in parts of its outputs for the members of a team.
///
/// Threads: immutable.
final class PackedWeights: @unchecked Sendable {
  /// One for each number of parts from 1 to `Workspace.maximumParts`; empty where the outputs can't be cut so.
  private let divisions: [[Part]]
  let size: Int

  struct Part {
    let columns: Range<Int>
    let weights: OpaquePointer
  }

  /// How the outputs are shared among a team.
  enum Cut {
    /// In parts of the same size only.
    case evenly
    /// In parts that differ by at most one block of columns.
    case byBlocks
  }

  /// - Parameters:
  ///   - values: outputs x inputs in the precision's operand format.
  ///   - kernels: of the layer's shape.
  init(
    _ values: UnsafeRawPointer, inputs: Int, outputs: Int, precision: Precision, kernels: ProductKernels,
    cut: Cut
  ) throws(SibylError) {
    var made: [OpaquePointer] = []
    do throws(SibylError) {
      var divisions: [[Part]] = []
      for count in 1...Workspace.maximumParts {
        var parts: [Part] = []
        var offset = 0
        for columns in Self.parts(count, of: outputs, cut) {
          let kernel = try kernels.kernel(
            rows: RowTiles.maximumRows, columns: columns.count, weights: nil)
          var piece: OpaquePointer?
          let start = values + columns.lowerBound * inputs * precision.operandSize
          let status =
            made.isEmpty
            ? conednn_weights_create(&piece, kernel.handle, start)
            : conednn_weights_create_part(&piece, kernel.handle, start, made[0], &offset)
          guard status == 0, let piece else { throw SibylError.oneDNN(status, doing: "packing weights") }
          made.append(piece)
          parts.append(Part(columns: columns, weights: piece))
        }
        divisions.append(parts)
      }
      self.divisions = divisions
      size = made.reduce(0) { $0 + conednn_weights_size($1) }
    } catch {
      for piece in made { conednn_weights_destroy(piece) }
      throw error
    }
  }

  // Parts before the whole: they may share its memory.
  deinit {
    for part in divisions.joined().reversed() { conednn_weights_destroy(part.weights) }
  }

  /// Parts whose widths are whole blocks of 64 columns are packed like the same columns of the whole.
  private static let block = 64

  /// The columns of each part; nothing where there is no such cut.
  private static func parts(_ count: Int, of outputs: Int, _ cut: Cut) -> [Range<Int>] {
    if count == 1 { return [0..<outputs] }
    switch cut {
    case .evenly:
      guard count.nonzeroBitCount == 1, outputs % (block * count) == 0 else { return [] }
    case .byBlocks:
      guard outputs % block == 0, outputs >= block * count else { return [] }
    }
    let blocks = outputs / block
    return (0..<count).map { (blocks * $0 / count * block)..<(blocks * ($0 + 1) / count * block) }
  }

  /// The largest possible number of parts that is at most `wish`.
  func parts(atMost wish: Int) -> [Part] {
    var count = min(max(wish, 1), divisions.count)
    while divisions[count - 1].isEmpty { count -= 1 }
    return divisions[count - 1]
  }
}
