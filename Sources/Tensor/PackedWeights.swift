import COneDNN
import Diagnostics

/// A layer's weights as oneDNN wants them, whole and in parts of its outputs for the members of a team.
///
/// Threads: immutable.
final class PackedWeights: @unchecked Sendable {
  /// One for each part of 1, 2, … `ProductKernels.mostParts` parts; missing where the outputs can't be cut so.
  private let divisions: [[OpaquePointer]]
  let size: Int

  /// - Parameters:
  ///   - values: outputs x inputs in the precision's operand format.
  ///   - kernels: of the layer's shape.
  init(
    _ values: UnsafeRawPointer, inputs: Int, outputs: Int, precision: Precision, kernels: ProductKernels
  ) throws(SibylError) {
    var made: [OpaquePointer] = []
    do throws(SibylError) {
      var divisions: [[OpaquePointer]] = []
      for parts in 1...kernels.mostParts {
        guard Self.canCut(outputs: outputs, parts: parts) else {
          divisions.append([])
          continue
        }
        let kernel = try kernels.kernel(rows: RowTiles.maximumRows, parts: parts, weights: nil)
        var pieces: [OpaquePointer] = []
        for part in 0..<parts {
          var piece: OpaquePointer?
          let start = values + part * (outputs / parts) * inputs * precision.operandSize
          let status =
            parts == 1
            ? conednn_weights_create(&piece, kernel.handle, start)
            : conednn_weights_create_part(
              &piece, kernel.handle, start, made[0], Int32(part), Int32(parts))
          guard status == 0, let piece else { throw SibylError.oneDNN(status, doing: "packing weights") }
          made.append(piece)
          pieces.append(piece)
        }
        divisions.append(pieces)
      }
      self.divisions = divisions
      size = made.reduce(0) { $0 + conednn_weights_size($1) }
    } catch {
      for piece in made { conednn_weights_destroy(piece) }
      throw error
    }
  }

  // Parts before the whole: they may share its memory.
  deinit { for division in divisions.reversed() { for piece in division { conednn_weights_destroy(piece) } } }

  /// Parts whose widths are whole blocks of 64 columns are packed like the same columns of the whole.
  static func canCut(outputs: Int, parts: Int) -> Bool {
    parts == 1 || (parts.nonzeroBitCount == 1 && outputs % (64 * parts) == 0)
  }

  /// The largest possible number of parts that is at most `wish`.
  func parts(atMost wish: Int) -> Int {
    var parts = min(max(wish, 1), divisions.count)
    while divisions[parts - 1].isEmpty { parts -= 1 }
    return parts
  }

  subscript(part part: Int, of parts: Int) -> OpaquePointer { divisions[parts - 1][part] }
}
