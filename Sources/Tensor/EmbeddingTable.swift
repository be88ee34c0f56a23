import CKernels
import Diagnostics

/// The sum of word, position and type embeddings, normalised: a BERT encoder's input (Devlin et al. 2019,
/// section 3).
///
/// Threads: immutable.
public final class EmbeddingTable: Sendable {
  public let vocabularySize: Int
  public let positions: Int
  public let dimensions: Int
  private let words: [Float]
  private let positionVectors: [Float]
  private let type: [Float]
  private let norm: LayerNorm

  /// - Parameters:
  ///   - words: vocabulary x dimensions.
  ///   - positionVectors: positions x dimensions.
  ///   - type: the vector of the first segment, the only one Sibyl uses.
  public init(
    words: [Float], positionVectors: [Float], type: [Float], norm: LayerNorm
  ) throws(SibylError) {
    dimensions = type.count
    guard
      dimensions > 0, words.count % dimensions == 0, positionVectors.count % dimensions == 0,
      !words.isEmpty, !positionVectors.isEmpty, norm.weight.count == dimensions, norm.bias.count == dimensions
    else { throw SibylError(.corruptFile, "the model's embedding tables do not fit each other") }
    vocabularySize = words.count / dimensions
    positions = positionVectors.count / dimensions
    self.words = words
    self.positionVectors = positionVectors
    self.type = type
    self.norm = norm
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
        ids, positionIDs, ids.count, dimensions, words, positionVectors, type, norm, hidden[row: 0], &target)
    }
  }
}
