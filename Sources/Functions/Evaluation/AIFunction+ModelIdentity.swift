import Diagnostics
import ModelFiles

extension AIFunction {
  /// Which model a call runs on where the call does not name one itself, with the function's revision and head: what
  /// answers must have in common that stand in one table, whichever process computed them.
  ///
  /// Unlike `stateDigest` it is the same on machines with other processors and other models beside the one in use.
  /// - Parameter classifiers: those that the answers' calls ask.
  /// - Returns: nil for a call without a model, for one that names its model, and for one that can't be bound or whose
  ///   model is missing, which computing tells.
  package func modelIdentity(of arguments: [Value], asking classifiers: [Classifier] = []) -> String? {
    if classifierPosition != nil {
      guard classifiers.count == 1 else { return nil }
      return Digest(of: [name, String(revision), classifiers[0].digest].joined(separator: "\n").utf8)
        .hexadecimal
    }
    var binder = ArgumentBinder(self)
    guard let bound = try? binder.bind(arguments) else { return nil }
    let modelName: String
    switch model.choice(bound) {
    case .none: return nil
    case .embeddingDefault: modelName = Settings.shared.embeddingModel
    case .generationDefault: modelName = Settings.shared.generationModel
    case .named(let named):
      guard named == model.fixedName else { return nil }
      modelName = named
    }
    guard let selected = try? ModelSelection.model(named: modelName), let head = try? fingerprint() else {
      return nil
    }
    return Digest(
      of: [name, String(revision), head, selected.digest.hexadecimal].joined(separator: "\n").utf8
    )
    .hexadecimal
  }
}
