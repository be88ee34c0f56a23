import Diagnostics
import ModelFiles

/// Where a model's weights come from: a checkpoint file, or numbers made by a test.
public protocol WeightSource {
  /// The tensor's values, row-major, as float32.
  ///
  /// - Throws: `.corruptFile` when there is no such tensor or its shape is another one.
  func floats(_ name: String, shape: [Int]) throws(SibylError) -> [Float]

  func contains(_ name: String) -> Bool
}
