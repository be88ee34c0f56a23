import Synchronization
import Threads

/// Process-wide settings: what `ai_config` reads and sets. Shared by every connection and thread.
public final class Settings: Sendable {
  public static let shared = Settings()

  private struct State {
    var embeddingModel = "minilm"
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

  /// Notes that something changed which lives elsewhere: the engine's threads, the cache's memory.
  func noteChange() { changes.wrappingAdd(1, ordering: .acquiringAndReleasing) }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    noteChange()
  }
}
