import CKernels

/// Plain operations on float vectors, with the CPU's vector instructions.
public enum VectorMath {
  /// Σ a[i]·b[i]; the shorter vector's length counts.
  public static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
    guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
    return ckernels_dot(first, second, min(a.count, b.count))
  }

  /// Σ a[i]·b[i] in double precision, where a float's products are exact: the same bits on every CPU. The shorter
  /// vector's length counts.
  package static func dotDouble(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
    guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
    return ckernels_dot_double(first, second, min(a.count, b.count))
  }

  /// The Euclidean norm, in double precision.
  package static func norm(_ vector: UnsafeBufferPointer<Float>) -> Double {
    dotDouble(vector, vector).squareRoot()
  }

  /// The cosine of the angle between two vectors, in -1...1, from their product and their norms, which are not 0.
  package static func cosine(dot: Double, _ norm: Double, _ otherNorm: Double) -> Double {
    min(max(dot / (norm * otherNorm), -1), 1)
  }

  /// Writes the mean of `rows` rows, divided by its L2 norm, to `output` (`hidden.columns` floats).
  public static func meanPool(
    _ hidden: FloatMatrix, rows: Range<Int>, into output: UnsafeMutablePointer<Float>
  ) {
    guard !rows.isEmpty, rows.upperBound <= hidden.rowCapacity else { return }
    ckernels_mean_pool(hidden[row: rows.lowerBound], rows.count, hidden.columns, output)
  }

  /// "avx512", "avx2" or "generic".
  public static var instructionSet: String { String(cString: ckernels_instruction_set()) }
}
