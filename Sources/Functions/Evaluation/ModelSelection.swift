import Diagnostics
import ModelFiles
import Threads

/// Finds the installed model that a call runs on.
///
/// Answers are remembered for a second: a query asks for every row, and the model store is a folder on disk.
/// A model that was just installed, removed or replaced is therefore noticed within a second, in every
/// running session.
enum ModelSelection {
  private struct Found {
    let model: SelectedModel
    let until: ContinuousClock.Instant
  }

  private static let lifetime = Duration.seconds(1)
  private static let found = Guarded<[String: Found]>([:])

  static func model(for choice: ModelUse.Choice) throws(SibylError) -> SelectedModel? {
    switch choice {
    case .none: nil
    case .named(let name): try model(named: name)
    case .embeddingDefault: try model(named: Settings.shared.embeddingModel)
    case .generationDefault: try model(named: Settings.shared.generationModel)
    }
  }

  static func model(named name: String) throws(SibylError) -> SelectedModel {
    let now = ContinuousClock.now
    if let entry = found.withLock({ $0[name] }), now < entry.until { return entry.model }
    let model = SelectedModel(try ModelStore().model(named: name))
    found.withLock { $0[name] = Found(model: model, until: now + lifetime) }
    return model
  }
}
