import Diagnostics
import Inference
import ResultCache
import Tensor

/// One process-wide setting as `ai_config` shows it.
struct Setting: Sendable {
  let name: String
  let summary: String
  let read: @Sendable () -> Value
  /// Changes the setting; nil for those that are only told. The fault it throws is told after the argument's
  /// name: "must be …; got …".
  let write: (@Sendable (Value) throws(SibylError) -> Void)?

  static func named(_ name: String) -> Setting? { all.first { $0.name == name } }

  static let all: [Setting] = [
    Setting(
      name: "cache_file", summary: "the result cache's file (read-only; set SIBYL_CACHE before loading)",
      read: { ResultCache.shared.configuration.path.map { .text($0) } ?? .null }, write: nil),
    Setting(
      name: "cache_memory",
      summary:
        "bytes that cached results may take in memory (read-only; set SIBYL_CACHE_MEMORY, in MiB, before loading)",
      read: { .integer(Int64(ResultCache.shared.configuration.memoryLimit)) }, write: nil),
    Setting(
      name: "embedding_model", summary: "the model that embeds where a call names none",
      read: { .text(Settings.shared.embeddingModel) },
      write: { (value) throws(SibylError) in
        guard case .text(let name) = value else {
          throw SibylError(.invalidArgument, "must be a model's name; got \(value.typeDescription)")
        }
        // A model that is not there is told now, not by the next query.
        _ = try ModelSelection.model(named: name)
        Settings.shared.embeddingModel = name
      }),
    Setting(
      name: "generation_model", summary: "the model that writes where a call names none",
      read: { .text(Settings.shared.generationModel) },
      write: { (value) throws(SibylError) in
        guard case .text(let name) = value else {
          throw SibylError(.invalidArgument, "must be a model's name; got \(value.typeDescription)")
        }
        _ = try ModelSelection.model(named: name)
        Settings.shared.generationModel = name
      }),
    Setting(
      name: "precision",
      summary: "the number format of the engine's matrix products: int8, bf16 or f32 "
        + "(read-only; set SIBYL_PRECISION before loading)",
      read: { (try? Precision.preferred()).map { .text($0.rawValue) } ?? .null }, write: nil),
    Setting(
      name: "search_memory",
      summary:
        "bytes that the columns of ai_search may take in memory (read-only; set SIBYL_SEARCH_MEMORY, in MiB, before loading)",
      read: { .integer(Int64(SearchMemory.limit)) }, write: nil),
    Setting(
      name: "threads",
      summary: "the cores that the engine works on (read-only; set SIBYL_THREADS before loading)",
      read: { .integer(Int64(InferenceEngine.shared.cores)) }, write: nil),
  ]

  /// The settings as a sentence for the reference.
  static var documentation: String {
    "Settings: " + all.map { "\($0.name): \($0.summary)" }.joined(separator: "; ")
      + ". A change holds for every connection of the process."
  }
}
