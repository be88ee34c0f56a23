import Diagnostics
import ModelFiles

/// A trained classifier in memory, ready to answer. Immutable: any thread may use it.
public final class Classifier: Sendable {
  public let name: String
  /// Of the weights: what cache keys know it by, so that one that was trained anew never gives an old answer.
  public let digest: String
  let model: any ClassifierModel
  private let modelName: String
  private let identity: StoredClassifier.Identity

  /// Reads a stored classifier.
  ///
  /// - Throws: `corruptFile` where it is damaged.
  public init(_ stored: StoredClassifier) throws(SibylError) {
    func damaged(_ what: String) -> SibylError {
      SibylError(
        .corruptFile,
        "the classifier \"\(stored.name)\" is damaged: \(what); train it again, or import it from its file")
    }
    guard let method = TrainingMethod(rawValue: stored.method) else {
      throw SibylError(
        .corruptFile,
        "the classifier \"\(stored.name)\" was made by the method \"\(stored.method.prefix(40))\", which this version "
          + "of Sibyl does not know")
    }
    guard let weights = stored.weights else { throw damaged("it has no weights") }
    guard Digest(of: weights).hexadecimal == stored.digest else {
      throw damaged("the SHA-256 of its weights is not the one that was noted")
    }
    do throws(SibylError) {
      model = try method.model(weights: weights)
    } catch {
      throw damaged(error.message)
    }
    guard model.encoder == stored.encoder else {
      throw damaged("its weights are for another encoder than the one that was noted")
    }
    name = stored.name
    digest = stored.digest
    modelName = stored.model
    identity = StoredClassifier.Identity(
      method: stored.method, encoder: stored.encoder, digest: stored.digest, size: weights.count)
  }

  /// Whether it was read from a row that looks like this.
  public func isStored(as other: StoredClassifier.Identity) -> Bool { identity == other }

  public var labels: [String] { model.labels }

  /// The installed encoder that it was trained on.
  func encoder() throws(SibylError) -> SelectedModel {
    try Self.encoder(named: modelName, digest: model.encoder, of: name)
  }

  /// Looks for an encoder by its digest, under its old name first.
  static func encoder(
    named name: String, digest: String, of classifier: String
  ) throws(SibylError) -> SelectedModel {
    if let model = try? ModelSelection.model(named: name), model.digest.hexadecimal == digest { return model }
    for listed in try ModelStore().list() where listed.manifest?.digest.hexadecimal == digest {
      return try ModelSelection.model(named: listed.name)
    }
    let known = ModelCatalogue.entries.first { $0.digest.hexadecimal == digest }
    throw SibylError(
      .missingModel,
      "the classifier \"\(classifier)\" was trained with another encoder than those installed: \(name), "
        + "\(digest.prefix(12))…; "
        + (known.map { "install it with: sibyl models pull \($0.name), or train" }
          ?? "install that one (sibyl models add), or train") + " the classifier again")
  }
}
