import CKernels
import Diagnostics

/// A layer's int8 weights for Sibyl's own product, where the CPU has what it needs; elsewhere oneDNN multiplies. The
/// sums are exact integers in both, so answers are the same.
///
/// Measured against oneDNN 2.6.3 (all layers of MiniLM, one core of a Cascade Lake, in turns): 1.5 times as fast with
/// 12 rows, 1.4 with 20 and 28, 1.1 with 42 and 48, the same to 1.05 with 60, where both wait for the same caches; and
/// nothing has to be compiled, which took oneDNN 1.7 ms for each new height of a tile.
///
/// Threads: immutable.
package final class PanelWeights: @unchecked Sendable {
  /// Whether this CPU runs the product, and has nothing better.
  package static var areAtHand: Bool { ckernels_has_panel_product() != 0 }

  package let outputs: Int
  private let inputs: Int
  private let panels: UnsafeMutablePointer<Int8>
  /// Keeps the panels alive.
  private let memory: PanelMemory

  /// - Parameters:
  ///   - values: outputs x inputs, multiples of 32 both.
  ///   - shared: the model's memory; where it has no room left, the weights get memory of their own.
  package init(_ values: UnsafePointer<Int8>, inputs: Int, outputs: Int, in shared: PanelMemory?)
    throws(SibylError)
  {
    self.inputs = inputs
    self.outputs = outputs
    if let shared, let panels = shared.take(inputs * outputs) {
      memory = shared
      self.panels = panels
    } else {
      memory = try PanelMemory(capacity: inputs * outputs)
      guard let panels = memory.take(inputs * outputs) else {
        throw SibylError(.internalFault, "a layer's memory is smaller than the layer")
      }
      self.panels = panels
    }
    ckernels_panel_weights(values, outputs, inputs, panels)
  }

  package var panelCount: Int { outputs / Int(CKERNELS_PANEL) }

  /// Bytes of the weights.
  var size: Int { inputs * outputs }

  /// Sums of some rows, for the `part`th of so many parts of the outputs.
  ///
  /// - Parameters:
  ///   - input: rows x inputs.
  ///   - output: integers of 32 bits, rows x `outputs`, of which the part's columns are written.
  /// - Returns: the part's columns.
  package func multiply(
    _ input: UnsafeRawPointer, rows: Int, part: Int, of parts: Int, into output: UnsafeMutableRawPointer
  ) -> Range<Int> {
    let width = Int(CKERNELS_PANEL)
    let range = (panelCount * part / parts)..<(panelCount * (part + 1) / parts)
    let columns = (range.lowerBound * width)..<(range.upperBound * width)
    ckernels_panel_product(
      panels, input, inputs, rows, range.lowerBound, range.upperBound,
      output + columns.lowerBound * MemoryLayout<Int32>.stride, outputs)
    return columns
  }
}
