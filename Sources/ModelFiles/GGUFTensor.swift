/// What a GGUF file says about a tensor, checked.
public struct GGUFTensor: Hashable, Sendable {
  public let name: String
  public let type: GGUFTensorType
  /// Extent of each dimension, outermost first (the file has them innermost first); empty for a scalar. The
  /// innermost one is a multiple of the type's block size.
  public let shape: [Int]
  /// Number of elements: the product of the extents.
  public let count: Int
  /// Where the tensor's blocks lie, from the start of the file.
  public let range: Range<Int>

  /// Elements of one step along the outermost dimension: the columns of a matrix, 1 for a vector.
  public var elementsPerRow: Int {
    guard let extent = shape.first, extent > 0 else { return count }
    return count / extent
  }
}
