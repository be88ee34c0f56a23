/// The vectors of a batch of texts: `count` rows of `dimensions` floats, row-major, in the texts' order.
public struct EncodedBatch: Sendable {
  public let count: Int
  public let dimensions: Int
  public let values: [Float]

  public init(count: Int, dimensions: Int, values: [Float]) {
    self.count = count
    self.dimensions = dimensions
    self.values = values
  }

  /// The vector of the text at `row`.
  public subscript(row: Int) -> ArraySlice<Float> {
    values[(row * dimensions)..<((row + 1) * dimensions)]
  }
}
