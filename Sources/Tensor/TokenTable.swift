import CKernels
import Diagnostics

/// A table of token embeddings, kept in the form of its file (a quarter to half of the floats' size), of which a
/// row is made into floats when a token is read.
///
/// Threads: immutable.
public final class TokenTable: @unchecked Sendable {
  public let count: Int
  public let dimensions: Int
  private let format: Int32
  private let blocks: AlignedBuffer<UInt8>
  private let blocksPerRow: Int
  private let rowSize: Int

  /// - Parameters:
  ///   - format: ggml's number of the element type; 0 for floats.
  ///   - blockSize, blockByteCount: elements and bytes of the format's blocks.
  ///   - read: fills the table's memory.
  public init(
    count: Int, dimensions: Int, format: Int32, blockSize: Int, blockByteCount: Int,
    read: (UnsafeMutableRawBufferPointer) throws(SibylError) -> Void
  ) throws(SibylError) {
    guard
      count > 0, dimensions > 0, blockSize > 0, blockByteCount > 0, dimensions % blockSize == 0,
      !(dimensions / blockSize).multipliedReportingOverflow(by: blockByteCount).overflow,
      !count.multipliedReportingOverflow(by: dimensions / blockSize * blockByteCount).overflow
    else { throw SibylError(.corruptFile, "the model's embedding table is not made of whole blocks") }
    self.count = count
    self.dimensions = dimensions
    self.format = format
    blocksPerRow = dimensions / blockSize
    rowSize = blocksPerRow * blockByteCount
    blocks = try AlignedBuffer(count: count * rowSize)
    try read(UnsafeMutableRawBufferPointer(start: blocks.base, count: count * rowSize))
  }

  /// Bytes of the table.
  public var size: Int { blocks.count }

  /// Writes the tokens' rows to the first rows of `output`.
  ///
  /// - Throws: `invalidArgument` where a token is not in the table.
  public func callAsFunction(_ tokens: [Int32], into output: FloatMatrix) throws(SibylError) {
    guard tokens.count <= output.rowCapacity, output.columns == dimensions else {
      throw SibylError(.internalFault, "an embedding table was given buffers of another shape")
    }
    for (row, token) in tokens.enumerated() {
      guard token >= 0, Int(token) < count else {
        throw SibylError(
          .invalidArgument,
          "token \(token) is not in the model's vocabulary of \(count); its tokenizer differs")
      }
      let source = UnsafeRawPointer(blocks.base + Int(token) * rowSize)
      if format == 0 {
        UnsafeMutableRawPointer(output[row: row]).copyMemory(from: source, byteCount: rowSize)
      } else {
        _ = ckernels_dequantise(format, source, blocksPerRow, output[row: row])
      }
    }
  }
}
