import CKernels

/// A vector that is looked for: as it is, and in up to sixteen bits for the first look.
struct SearchQuery {
  private let vector: [Float]
  private let codes: [Int16]
  let norm: Double
  /// The vector of length 1 is about `scale` times the codes, …
  let scale: Float
  /// … and what is left has at most this norm, with room for what rounding adds to a cosine.
  let error: Float

  /// Nil for a vector without a direction: zeros, or numbers that are not finite.
  init?(_ vector: UnsafeBufferPointer<Float>) {
    let norm = VectorMath.norm(vector)
    guard norm > 0, norm.isFinite else { return nil }
    self.vector = Array(vector)
    self.norm = norm
    let unit = vector.map { Double($0) / norm }
    let stride = VectorBlock.stride(of: vector.count)
    // No sum of products with codes of up to 127 may leave an Int32.
    let largest = min(32_767.0, (Double(Int32.max) / (127 * Double(stride))).rounded(.down))
    let most = unit.reduce(0) { max($0, abs($1)) }
    let step = Float(most / max(largest, 1))
    var codes = [Int16](repeating: 0, count: stride)
    var squares = 0.0
    for (index, value) in unit.enumerated() {
      let code = min(max((value / Double(step)).rounded(), -largest), largest)
      let rest = value - code * Double(step)
      squares += rest * rest
      codes[index] = Int16(code)
    }
    self.codes = codes
    scale = step
    // Four roundings of a float, of values up to 2, stay below 1e-6.
    error = Float(squares.squareRoot() * 1.000001 + 2e-6)
  }

  func withVector<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    vector.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
  }

  func withCodes<Result>(_ body: (UnsafePointer<Int16>) -> Result) -> Result {
    codes.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
  }
}
