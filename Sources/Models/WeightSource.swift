import Diagnostics
import ModelFiles

/// Where a model's weights come from: a checkpoint file, or numbers made by a test.
public protocol WeightSource {
  /// Writes the tensor's values, row-major, as float32 to `buffer`, which holds exactly as many.
  ///
  /// - Throws: `.corruptFile` when there is no such tensor or its shape is another one.
  func readFloats(
    _ name: String, shape: [Int], into buffer: UnsafeMutableBufferPointer<Float>) throws(SibylError)

  func contains(_ name: String) -> Bool
}

extension WeightSource {
  /// The tensor's values in an array of their own; `shape` comes from a checked configuration.
  func floats(_ name: String, shape: [Int]) throws(SibylError) -> [Float] {
    let count = shape.reduce(1, *)
    var failure: SibylError?
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(SibylError) {
        try readFloats(name, shape: shape, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }
}

extension SafetensorsFile: WeightSource {
  public func readFloats(
    _ name: String, shape: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    try readFloats(name, shape: shape, rows: nil, into: buffer)
  }
}

extension GGUFFile: WeightSource {
  public func readFloats(
    _ name: String, shape: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    try readFloats(name, shape: shape, rows: nil, into: buffer)
  }
}
