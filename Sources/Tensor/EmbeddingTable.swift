import CKernels
import Diagnostics

/// The sum of word, position and type embeddings, normalised: a BERT encoder's input (Devlin et al. 2019,
/// section 3).
///
/// Threads: immutable.
public final class EmbeddingTable: @unchecked Sendable {
  public let vocabularySize: Int
  public let positions: Int
  public let dimensions: Int
  private let words: AlignedBuffer<Float>
  private let positionVectors: [Float]
  private let type: [Float]
  private let norm: LayerNorm

  /// - Parameters:
  ///   - positionVectors: positions x dimensions.
  ///   - type: the vector of the first segment, the only one Sibyl uses.
  ///   - readWords: fills the table of word vectors, vocabulary x dimensions.
  public init(
    vocabularySize: Int, positionVectors: [Float], type: [Float], norm: LayerNorm,
    readWords: (UnsafeMutableBufferPointer<Float>) throws(SibylError) -> Void
  ) throws(SibylError) {
    dimensions = type.count
    let (count, overflow) = vocabularySize.multipliedReportingOverflow(by: dimensions)
    guard
      dimensions > 0, vocabularySize > 0, !overflow, positionVectors.count % dimensions == 0,
      !positionVectors.isEmpty, norm.weight.count == dimensions, norm.bias.count == dimensions
    else { throw SibylError(.corruptFile, "the model's embedding tables do not fit each other") }
    self.vocabularySize = vocabularySize
    positions = positionVectors.count / dimensions
    words = try AlignedBuffer(count: count)
    self.positionVectors = positionVectors
    self.type = type
    self.norm = norm
    try readWords(UnsafeMutableBufferPointer(start: words.base, count: count))
  }

  /// Bytes of the tables.
  public var size: Int { (words.count + positionVectors.count) * MemoryLayout<Float>.stride }

  /// `hidden[row] = norm(word + position + type)`, and the same ready for the first layer in `output`.
  public func callAsFunction(
    ids: [Int32], positionIDs: [Int32], hidden: FloatMatrix, into output: Activations
  ) throws(SibylError) {
    guard
      ids.count == positionIDs.count, ids.count <= hidden.rowCapacity,
      ids.allSatisfy({ $0 >= 0 && $0 < vocabularySize }),
      positionIDs.allSatisfy({ $0 >= 0 && $0 < positions })
    else { throw SibylError(.corruptFile, "the tokenizer's vocabulary is larger than the model's") }
    var target = output.descriptor(from: 0)
    norm.withDescriptor { norm in
      ckernels_embed_norm(
        ids, positionIDs, ids.count, dimensions, words.base, positionVectors, type, norm, hidden[row: 0],
        &target)
    }
  }
}
