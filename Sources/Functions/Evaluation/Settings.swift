import Synchronization
import Threads

/// Process-wide settings: what `ai_config` reads and sets. Shared by every connection and thread.
public final class Settings: Sendable {
  public static let shared = Settings()

  private struct State {
    var embeddingModel = "minilm"
    var generationModel = "smollm2"
  }

  private let state = Guarded(State())
  private let changes = Atomic<Int>(0)

  /// Goes up with every change: what was derived from a setting is stale when this differs.
  public var generation: Int { changes.load(ordering: .acquiring) }

  /// The model that embeds where a call names none.
  public var embeddingModel: String {
    get { state.withLock { $0.embeddingModel } }
    set { change { $0.embeddingModel = newValue } }
  }

  /// The model that writes where a call names none.
  public var generationModel: String {
    get { state.withLock { $0.generationModel } }
    set { change { $0.generationModel = newValue } }
  }

  /// Notes that something changed which lives elsewhere: the engine's threads, the cache's memory.
  func noteChange() { changes.wrappingAdd(1, ordering: .acquiringAndReleasing) }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    noteChange()
  }
}
