import Diagnostics
import Tensor

/// A vector that stands for a text. In SQL it is a blob of little-endian float32 values, which is what
/// sqlite-vec reads.
struct Embedding: Sendable {
  let values: [Float]

  init(_ values: some Sequence<Float>) { self.values = Array(values) }

  /// Reads a blob.
  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(blob: [UInt8]) throws(SibylError) {
    guard !blob.isEmpty, blob.count.isMultiple(of: 4) else {
      throw SibylError(
        .invalidArgument,
        "must be text, or an embedding as ai_embed returns it (4 bytes a dimension); "
          + "got a blob of \(blob.count) bytes")
    }
    values = blob.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { index in
        Float(
          bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
      }
    }
    guard let fault = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw SibylError(
      .invalidArgument,
      "must be an embedding of finite numbers; its value \(fault + 1) of \(values.count) is \(values[fault])")
  }

  var blob: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: values.count * 4) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      for (index, value) in values.enumerated() {
        bytes.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
      }
      count = values.count * 4
    }
  }

  /// The cosine of the angle between two vectors of the same length, in -1...1; nil where one of them is zero
  /// and has no direction.
  ///
  /// In double precision: sums of a few hundred products then keep all the digits that a float has. ai_search
  /// computes its scores in the same way, bit for bit.
  func cosine(with other: Embedding) -> Double? {
    values.withUnsafeBufferPointer { own in
      other.values.withUnsafeBufferPointer { other in
        let (norm, otherNorm) = (VectorMath.norm(own), VectorMath.norm(other))
        guard norm * otherNorm > 0 else { return nil }
        return VectorMath.cosine(dot: VectorMath.dotDouble(own, other), norm, otherNorm)
      }
    }
  }
}
