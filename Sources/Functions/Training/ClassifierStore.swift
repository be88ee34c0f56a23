import Diagnostics
import Training

/// Where the classifiers of a database session are kept. Each face of Sibyl brings its own.
///
/// It is a host too, whose calls end when the user gives up: a training takes seconds.
public protocol ClassifierStore: FunctionHost {
  /// The classifier of a name as the calling statement sees it.
  ///
  /// - Throws: `invalidArgument` where there is none; `corruptFile` where it is damaged.
  func classifier(named name: String) throws(SibylError) -> Classifier

  /// Whether a classifier that `classifier(named:)` gave is the one that the call under way would be given, as far as
  /// that is known without asking the database.
  func isCurrent(_ classifier: Classifier) -> Bool

  /// All classifiers by name, without their weights.
  func list() throws(SibylError) -> [StoredClassifier]

  /// - Throws: where nothing can be stored at all, which is better told before the training than behind it.
  ///
  /// - Parameter what: is to be stored, as the error tells it: "the classifier".
  func checkWritable(for what: String) throws(SibylError)

  /// Stores a classifier in place of one of its name, in the session's transaction.
  func store(_ classifier: StoredClassifier) throws(SibylError)

  /// Told now and then how far a long training is, on the thread that called.
  func trainingProgressed(_ progress: FineTuningProgress)

  /// No more progress is told.
  func trainingEnded()

  /// What `ai_feedback` was told of a function or classifier, in the texts' order.
  func corrections(of subject: String) throws(SibylError) -> [(text: String, label: String)]

  /// Stores a text's right label in place of one that was told before, in the session's transaction.
  func store(correctionOf subject: String, text: String, label: String) throws(SibylError)

  /// Reads the rows of a query, whose AI calls are computed in batches first.
  ///
  /// - Parameters:
  ///   - columns: how many the query may have.
  ///   - expected: what the query must be, in words.
  ///   - entry: the function that is called, whose second argument is the query.
  /// - Throws: what is wrong with the query, as it is told after the argument's name; what `row` throws.
  func forEachRow(
    of sql: String, columns: ClosedRange<Int>, expected: String, for entry: any CatalogueEntry,
    _ row: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError)
}

extension ClassifierStore {
  public func trainingProgressed(_ progress: FineTuningProgress) {}

  public func trainingEnded() {}
}

extension FunctionHost {
  /// The session's classifiers.
  func requireClassifiers() throws(SibylError) -> any ClassifierStore {
    guard let classifiers else {
      throw SibylError(.unavailable, "this function works inside a database session only")
    }
    return classifiers
  }
}
