/// What a function needs of the database around a call, beside its arguments.
///
/// In SQLite the function asks the session itself (`FunctionHost`). PostgreSQL's functions gather it and send it along
/// with the call, by a wrapper that is made from this declaration.
public struct SessionUse: Sendable {
  /// What a call leaves in the database, with the rights of whoever called.
  public enum Stored: Sendable {
    case nothing
    case classifier
    case correction
  }

  /// Which parameter is a query whose rows the function reads.
  public let query: Int?
  /// Which parameter names the function or classifier whose corrections it reads.
  public let corrections: Int?
  /// Which parameter may name a classifier that it asks.
  public let classifier: Int?
  /// Whether it looks at all classifiers there are.
  public let listsClassifiers: Bool
  public let stores: Stored

  /// - Parameters: see the properties.
  package init(
    query: Int? = nil, corrections: Int? = nil, classifier: Int? = nil, listsClassifiers: Bool = false,
    stores: Stored = .nothing
  ) {
    self.query = query
    self.corrections = corrections
    self.classifier = classifier
    self.listsClassifiers = listsClassifiers
    self.stores = stores
  }
}
