/// Which model a call runs on. The evaluator resolves the name before it calls the implementation, so that a
/// model's digest is part of the cache key and a missing model is told in one place.
package struct ModelUse: Sendable {
  package enum Choice: Sendable {
    /// No model at all.
    case none
    /// The model of this name.
    case named(String)
    /// The one that `ai_config('embedding_model')` names.
    case embeddingDefault
    /// The one that `ai_config('generation_model')` names.
    case generationDefault
  }

  package let choice: @Sendable (Arguments) -> Choice
  /// The model's name where every call runs on the same one.
  let fixedName: String?
  /// Which parameter names the classifier whose encoder a call runs on; the session that the call came from knows it.
  /// `choice` then answers what is likely.
  let classifierPosition: Int?
  /// Whether a call may name any model, or runs on the one that a setting names.
  let takesAnyModel: Bool

  /// A second model that a call may ask, by name; nil where there is none. Its digest is part of the cache key too.
  let further: @Sendable (Arguments) -> String?

  package init(
    further: @escaping @Sendable (Arguments) -> String? = { _ in nil },
    choice: @escaping @Sendable (Arguments) -> Choice
  ) {
    self.choice = choice
    self.further = further
    fixedName = nil
    classifierPosition = nil
    takesAnyModel = true
  }

  private init() {
    choice = { _ in .none }
    further = { _ in nil }
    fixedName = nil
    classifierPosition = nil
    takesAnyModel = false
  }

  private init(fixedName: String) {
    choice = { _ in .named(fixedName) }
    further = { _ in nil }
    self.fixedName = fixedName
    classifierPosition = nil
    takesAnyModel = false
  }

  private init(classifierPosition: Int) {
    choice = { _ in .embeddingDefault }
    further = { _ in nil }
    fixedName = nil
    self.classifierPosition = classifierPosition
    takesAnyModel = false
  }

  package static let none = ModelUse()

  /// The default embedding model.
  package static let embedding = ModelUse { _ in .embeddingDefault }

  /// The embedding model that an optional parameter names, or else the default one.
  package static func embedding(parameter position: Int) -> ModelUse {
    ModelUse { arguments in arguments.optionalText(position).map(Choice.named) ?? .embeddingDefault }
  }

  /// The model that a call's options name, or else the default embedding model.
  ///
  /// - Parameter further: the name of a second model that the call may ask.
  package static func embedding(
    named name: @escaping @Sendable (Arguments) -> String?,
    further: @escaping @Sendable (Arguments) -> String? = { _ in nil }
  ) -> ModelUse {
    ModelUse(further: further) { arguments in name(arguments).map(Choice.named) ?? .embeddingDefault }
  }

  /// The encoder of the classifier that a parameter names. The classifier is part of the cache key.
  package static func classifier(parameter position: Int) -> ModelUse {
    ModelUse(classifierPosition: position)
  }

  /// The model that a head was trained on, whatever the default is.
  package static func fixed(_ name: String) -> ModelUse { ModelUse(fixedName: name) }
}
