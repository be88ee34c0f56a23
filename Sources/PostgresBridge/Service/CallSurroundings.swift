import Diagnostics
import Functions
import JSON
import PostgresWire

/// What a call has to know of the database that it comes from, beside its arguments.
struct CallSurroundings: Sendable {
  /// The classifiers that the call's rows ask.
  var classifiers: [Classifier] = []
  /// The names of those that the database has, where the one that is asked is none of them.
  var knownNames: [String] = []
  /// The right label of each row's text, nil where none was told; empty where none was told of any.
  var correctedLabels: [String?] = []
  /// What was sent in parts before the call.
  var upload: SessionUpload?
  /// Whether everybody may have sent the call, for a function that is about the database around it (`SessionUse`).
  var isOpenToAll = false

  init() {}

  /// Reads what `sibyl_call_in` was given.
  ///
  /// - Throws: `SB001` where the classifier has to be sent first.
  init(
    _ text: String, session: Int32, _ memory: ClassifierMemory, _ uploads: SessionUploads
  ) throws(WireError) {
    let json: JSON
    do throws(SibylError) {
      json = try JSON.parse(text, maximumDepth: 4)
    } catch {
      throw WireError(.invalidParameterValue, "sibyl_call_in: argument 1 must be JSON; \(error.message)")
    }
    if let named = json["classifier"], let name = named["name"]?.stringValue,
      let digest = named["digest"]?.stringValue
    {
      guard let classifier = memory.classifier(named: name, digest: digest) else {
        throw WireError(
          .unknownClassifier, "the bridge does not have the classifier \"\(name.prefix(60))\" yet")
      }
      classifiers = [classifier]
    }
    knownNames = json["names"]?.arrayValue?.compactMap(\.stringValue) ?? []
    correctedLabels = json["corrected"]?.arrayValue?.map(\.stringValue) ?? []
    isOpenToAll = json["session"]?.booleanValue == true
    if let name = json["upload"]?.stringValue { upload = try uploads.take(name, session: session) }
  }

  /// The right label of a row's text.
  func correctedLabel(_ row: Int) -> String? {
    correctedLabels.indices.contains(row) ? correctedLabels[row] : nil
  }

  /// What the key of a row's answer has behind the arguments.
  func keyArguments(_ row: Int) -> [PostgresCacheKey.Argument] {
    var arguments: [PostgresCacheKey.Argument] = []
    if let classifier = classifiers.first { arguments.append(.classifier(classifier.digest)) }
    if let label = correctedLabel(row) { arguments.append(.correction(label)) }
    return arguments
  }

  /// What calls must have in common to be computed together: they ask the same classifier.
  var group: String { classifiers.first.map { $0.name + "\n" + $0.digest } ?? "" }

  /// Whether there is something that only computing by itself can heed.
  var isSpecial: Bool { upload != nil || !knownNames.isEmpty || correctedLabels.contains { $0 != nil } }
}
