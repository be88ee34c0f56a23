/// What a tensor's file says about it, checked.
public struct TensorDescription: Hashable, Sendable {
  public let name: String
  public let elementType: TensorElementType
  /// Extent of each dimension, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Number of elements: the product of the extents.
  public let count: Int
  /// Where the tensor's bytes lie, from the start of the file.
  public let range: Range<Int>
}
