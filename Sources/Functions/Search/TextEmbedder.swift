import Diagnostics
import ModelFiles
import ResultCache

/// Embeds the texts of a column by one model, through the cache that `ai_embed` uses.
///
/// Owned by one thread at a time.
package final class TextEmbedder {
  private let model: SelectedModel
  private let evaluator: Evaluator
  private let keyMaker: KeyMaker

  /// - Throws: where the model is not installed.
  init(modelNamed name: String?, evaluator: Evaluator) throws(SibylError) {
    let choice = name.map(ModelUse.Choice.named) ?? .embeddingDefault
    guard let model = try ModelSelection.model(for: choice) else {
      throw SibylError(.internalFault, "no model was chosen; please report this defect")
    }
    self.model = model
    self.evaluator = evaluator
    keyMaker = try KeyMaker(.embed, modelDigest: model.digest, fingerprint: "")
  }

  /// Tells models apart.
  package var modelDigest: String { model.digest.hexadecimal }

  /// What names the embedding of a text: equal for equal texts only.
  func key(of utf8: UnsafeRawBufferPointer) -> CacheKey { keyMaker.key(ofText: utf8) }

  /// The embeddings of texts, in their order: from the cache, or computed as one batch.
  func embeddings(of texts: [String], host: any FunctionHost) throws(SibylError) -> [Result<
    Embedding, SibylError
  >] {
    let calls = texts.map { text in
      let arguments = Arguments(values: [.text(text), .null])
      return PreparedCall(
        arguments: arguments, model: model, key: keyMaker.key(of: arguments, for: .embed))
    }
    let answers = evaluator.answer(.embed, calls, host: host)
    guard answers.count == texts.count else {
      throw SibylError(.internalFault, "an embedding is missing; please report this defect")
    }
    return answers.map { answer in
      do throws(SibylError) {
        guard case .blob(let bytes) = try answer.get() else {
          throw SibylError(.internalFault, "an embedding is missing; please report this defect")
        }
        return .success(try Embedding(blob: bytes))
      } catch {
        return .failure(error)
      }
    }
  }
}
