import Diagnostics
import Functions
import JSON
import ModelFiles
import Threads
import Training

/// The database session around calls that are computed together, as far as the database has told of it.
///
/// Threads: the one that computes the calls.
struct CallHost: ClassifierStore {
  let attempts: [CallAttempt]
  let surroundings: CallSurroundings
  /// What the calls want stored: JSON objects that the database takes apart, with the rights of whoever called.
  private let stored = Guarded<[String]>([])

  init(attempts: [CallAttempt]) {
    self.attempts = attempts
    surroundings = attempts.first?.request.surroundings ?? CallSurroundings()
  }

  /// What is to be stored, in the order in which the calls gave it.
  var results: [String] { stored.withLock { $0 } }

  /// Calls that are computed together go on while one of them is wanted.
  var isCancelled: (() -> Bool)? {
    let attempts = attempts
    return { attempts.allSatisfy(\.isCancelled) }
  }

  func prefetch(_ sql: String, budget: WorkBudget) throws(SibylError) -> String {
    guard surroundings.upload != nil else { throw Self.outside }
    // The database has run the query already.
    return "{}"
  }

  func readRows(
    of sql: String, columns: ClosedRange<Int>, _ body: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError) {
    guard let upload = surroundings.upload else { throw Self.outside }
    try upload.forEachRow { (row) throws(SibylError) in
      try require(columns, of: row.count)
      try body(row)
    }
  }

  // MARK: - Classifiers

  var classifiers: (any ClassifierStore)? { self }

  func classifier(named name: String) throws(SibylError) -> Classifier {
    if let known = surroundings.classifiers.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
      return known
    }
    throw StoredClassifier.unknown(name, among: surroundings.knownNames, of: "this database")
  }

  func isCurrent(_ classifier: Classifier) -> Bool {
    surroundings.classifiers.contains { $0 === classifier }
  }

  func list() throws(SibylError) -> [StoredClassifier] { try surroundings.upload?.classifiers() ?? [] }

  /// The database has looked before it asked.
  func checkWritable(for what: String) throws(SibylError) {}

  func store(_ classifier: StoredClassifier) throws(SibylError) {
    var members = classifier.members
    members.append("weights", .string(Hexadecimal.digits(of: classifier.weights ?? [])))
    let result: JSON = ["classifier": .object(members)]
    stored.withLock { $0.append(result.serialized()) }
  }

  func corrections(of subject: String) throws(SibylError) -> [(text: String, label: String)] {
    try surroundings.upload?.corrections() ?? []
  }

  func store(correctionOf subject: String, text: String, label: String) throws(SibylError) {
    let result: JSON = [
      "correction": ["name": .string(subject), "text": .string(text), "label": .string(label)]
    ]
    stored.withLock { $0.append(result.serialized()) }
  }

  func forEachRow(
    of sql: String, columns: ClosedRange<Int>, expected: String, for entry: any CatalogueEntry,
    _ row: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError) {
    guard let upload = surroundings.upload else { throw Self.outside }
    try upload.forEachRow { (values) throws(SibylError) in
      guard columns.contains(values.count) else {
        throw SibylError(
          .invalidArgument,
          "must be \(expected); it has \(values.count) column\(values.count == 1 ? "" : "s")")
      }
      try row(values)
    }
  }

  func trainingProgressed(_ progress: FineTuningProgress) {
    let share = progress.steps > 0 ? 100 * progress.step / progress.steps : 100
    var text = "step \(progress.step) of \(progress.steps), \(share)%"
    if let accuracy = progress.heldOutAccuracy {
      text += ", held out \(Double((accuracy * 1_000).rounded()) / 10)%"
    }
    if progress.secondsLeft.isFinite {
      text += ", about \(Int(min(max(progress.secondsLeft, 0), 1e6).rounded(.up))) s left"
    }
    for attempt in attempts { attempt.tell(text) }
  }

  private static let outside = SibylError(
    .unavailable, "call this function in the database, not on the bridge's own port")
}
