/// A decoder in memory, and what it has done there.
public struct GenerationReport: Hashable, Sendable {
  /// The name under which it is installed.
  public let model: String
  /// Bytes of packed weights.
  public let weightBytes: Int
  public let counters: GenerationCounters

  init(_ loaded: LoadedDecoder) {
    model = loaded.model.name
    weightBytes = loaded.size
    counters = loaded.generator.counters
  }
}
