import Diagnostics
import ModelFiles
import Models
import Sampling
import Tensor
import Threads

/// A decoder in memory, with what belongs to it: the memory of what it has read, and the thread that runs it.
///
/// Threads: any.
final class LoadedDecoder: LoadedModel {
  let model: DecoderModel
  let generator: Generator
  private let lazyVocabulary = Guarded<ConstraintVocabulary?>(nil)

  /// Bytes that the keys and values of all texts under way may take: `SIBYL_GENERATION_MEMORY` in MiB, by default 256.
  static var generationMemory: Int {
    let mebibytes = Environment["SIBYL_GENERATION_MEMORY"].flatMap { Int($0) } ?? 256
    return min(max(mebibytes, 1), 1 << 20) << 20
  }

  init(
    _ installed: InstalledModel, precision: Precision, perform: @escaping GenerationLoop.Perform
  ) throws(SibylError) {
    // Packing weights is quick on one core; OpenMP's waiting on busy machines is not.
    let before = Workspace.setCoresPerProduct(1)
    defer { Workspace.setCoresPerProduct(before) }
    model = try DecoderModel(installed, precision: precision)
    generator = Generator(
      model, cache: try model.decoder.makeCache(budget: Self.generationMemory), perform: perform)
  }

  /// Bytes of packed weights.
  var size: Int { model.decoder.size }

  /// The vocabulary made ready for constraints, which takes tens of milliseconds once.
  func constraintVocabulary() throws(SibylError) -> ConstraintVocabulary {
    let result = lazyVocabulary.withLock { vocabulary -> Result<ConstraintVocabulary, SibylError> in
      if let vocabulary { return .success(vocabulary) }
      do throws(SibylError) {
        let made = try ConstraintVocabulary(model.tokenizer)
        vocabulary = made
        return .success(made)
      } catch { return .failure(error) }
    }
    return try result.get()
  }
}
