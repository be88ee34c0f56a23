import CKernels
import Diagnostics

/// Bidirectional multi-head self-attention over the sequences of a packed batch (Vaswani et al. 2017,
/// section 3.2): each sequence sees only itself, so there is no padding and no mask.
///
/// Threads: belongs to one worker at a time (it owns scratch memory).
public final class SelfAttention {
  public let heads: Int
  public let headDimensions: Int
  private let longest: Int
  private let scratch: [AlignedBuffer<Float>]
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
    var scratch: [AlignedBuffer<Float>] = []
    for _ in 0..<Workspace.maximumParts {
      scratch.append(try AlignedBuffer(count: ckernels_attention_scratch(longest, headDimensions)))
    }
    self.scratch = scratch
    context = try FloatMatrix(rowCapacity: rowCapacity, columns: heads * headDimensions)
  }

  /// - Parameters:
  ///   - projections: rows x 3·width: queries (divided by √headDimensions), keys, values side by side.
  ///   - sequences: each sequence's rows, one after the other from row 0.
  ///   - output: the heads' results side by side, rows x width, ready for the next layer.
  public func callAsFunction(
    _ projections: FloatMatrix, sequences: [Range<Int>], into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    guard let rows = sequences.last?.upperBound else { return }
    for sequence in sequences {
      guard sequence.count <= longest, sequence.upperBound <= context.rowCapacity else {
        throw SibylError(.internalFault, "a sequence is longer than attention has room for")
      }
    }
    // Heads are independent of each other, so the members of a team take some each.
    let parts = min(workspace.parts, heads)
    workspace.run(parts: parts) { [self] part in
      for sequence in sequences {
        ckernels_attention(
          projections[row: sequence.lowerBound], sequence.count, heads, headDimensions,
          heads * part / parts, heads * (part + 1) / parts, context[row: sequence.lowerBound],
          scratch[part].base)
      }
    }
    var target = output.descriptor(from: 0)
    ckernels_convert(context[row: 0], rows, context.columns, &target)
  }
}
