import CKernels
import Diagnostics

/// Bidirectional multi-head self-attention over the sequences of a packed batch (Vaswani et al. 2017,
/// section 3.2): each sequence sees only itself, so there is no padding and no mask.
///
/// Threads: belongs to one thread at a time (it owns scratch memory). Several may attend to rows of their own in the
/// same projections.
public final class SelfAttention {
  public let heads: Int
  public let headDimensions: Int
  private let longest: Int
  private let scratch: AlignedBuffer<Float>
  private let context: FloatMatrix

  /// - Parameters:
  ///   - longest: tokens of the longest sequence.
  ///   - rowCapacity: tokens of the largest batch.
  public init(heads: Int, headDimensions: Int, longest: Int, rowCapacity: Int) throws(SibylError) {
    guard heads > 0, headDimensions > 0, headDimensions % 32 == 0 else {
      throw SibylError(
        .corruptFile,
        "the model has \(heads) attention heads of \(headDimensions) dimensions; "
          + "sibyl computes heads whose dimensions are a multiple of 32")
    }
    self.heads = heads
    self.headDimensions = headDimensions
    self.longest = longest
    scratch = try AlignedBuffer(count: ckernels_attention_scratch(longest, headDimensions))
    context = try FloatMatrix(rowCapacity: rowCapacity, columns: heads * headDimensions)
  }

  /// - Parameters:
  ///   - projections: rows x 3·width: queries (divided by √headDimensions), keys, values side by side.
  ///   - sequences: each sequence's rows, one after the other from row 0.
  ///   - rows: those whose queries are answered; the keys and values of their sequences must be there.
  ///   - output: the heads' results side by side, rows x width, ready for the next layer.
  public func callAsFunction(
    _ projections: FloatMatrix, sequences: [Range<Int>], rows: Range<Int>, into output: Activations
  ) throws(SibylError) {
    guard !rows.isEmpty else { return }
    guard
      rows.lowerBound >= 0, let last = sequences.last, rows.upperBound <= last.upperBound,
      last.upperBound <= context.rowCapacity, last.upperBound <= projections.rowCapacity,
      projections.columns == 3 * context.columns, output.columns == context.columns,
      rows.upperBound <= output.rowCapacity, sequences.allSatisfy({ $0.count <= longest })
    else { throw SibylError(.internalFault, "attention was given rows that it has no room for") }
    for sequence in sequences {
      let wanted = rows.clamped(to: sequence)
      guard !wanted.isEmpty else { continue }
      let start = sequence.lowerBound
      ckernels_attention(
        projections[row: start], sequence.count, heads, headDimensions, wanted.lowerBound - start,
        wanted.upperBound - start, context[row: start], scratch.base)
    }
    var target = output.descriptor(from: rows.lowerBound)
    ckernels_convert(context[row: rows.lowerBound], rows.count, context.columns, &target)
  }
}
