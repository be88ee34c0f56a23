import CSQLite
import Diagnostics
import Functions
import ModelFiles
import Training

/// The classifiers of a connection's main database, for the functions that are called on it.
struct SessionClassifiers: ClassifierStore {
  let session: ConnectionSession

  private var table: ClassifierTable { ClassifierTable(session.connection) }

  // Asked on the thread of the connection, which waits for the call.
  var isCancelled: (() -> Bool)? { { session.isInterrupted } }

  var classifiers: (any ClassifierStore)? { self }

  func classifier(named name: String) throws(SibylError) -> Classifier {
    if let bound = session.boundClassifier.classifier, bound.name.utf8.elementsEqual(name.utf8) {
      return bound
    }
    let classifier = try session.loadedClassifiers.classifier(named: name, in: table)
    session.boundClassifier.bind(classifier)
    return classifier
  }

  func isCurrent(_ classifier: Classifier) -> Bool { session.boundClassifier.classifier === classifier }

  func list() throws(SibylError) -> [StoredClassifier] { try table.list() }

  func checkWritable(for what: String) throws(SibylError) { try table.checkWritable(for: what) }

  func store(_ classifier: StoredClassifier) throws(SibylError) {
    session.boundClassifier.invalidate()
    try table.store(classifier)
  }

  func corrections(of subject: String) throws(SibylError) -> [(text: String, label: String)] {
    try FeedbackTable(session.connection).corrections(of: subject)
  }

  func store(correctionOf subject: String, text: String, label: String) throws(SibylError) {
    session.corrections.invalidate()
    try FeedbackTable(session.connection).store(
      subject, text: text, label: label, created: Timestamp.now())
  }

  func trainingProgressed(_ progress: FineTuningProgress) { session.trainingObserver?.progressed(progress) }

  func trainingEnded() { session.trainingObserver?.ended() }

  func forEachRow(
    of sql: String, columns: ClosedRange<Int>, expected: String, for entry: any CatalogueEntry,
    _ row: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError) {
    let statement = try query(sql, columns: columns, expected: expected)
    // A replay that is under way has nothing to collect here.
    let suspended = session.pass
    session.pass = nil
    defer { session.pass = suspended }
    // Labels may come from an AI function too: its calls are computed in batches first.
    let replay = Replay(session)
    if replay.makesCalls(sql) {
      _ = try replay.collect(
        sql, mentionsLimit: StatementAnalysis(sql).mentionsLimit,
        observer: PrefetchObserver(connection: session.connection))
    }
    while true {
      let status = csqlite_step(statement.pointer)
      guard status == SQLITE_ROW else {
        guard status != SQLITE_DONE else { return }
        throw Self.told(SQLStatement.failure(of: session.connection, status), expected)
      }
      var values: [Value] = []
      for column in 0..<csqlite_column_count(statement.pointer) {
        values.append(try SQLiteColumn.raw(statement.pointer, column).copied(as: 1, of: entry))
      }
      try row(values)
    }
  }

  /// What SQLite says about the query, as it is told after the argument's name.
  private static func told(_ failure: SibylError, _ expected: String) -> SibylError {
    // In the words in which the rest of a training tells it.
    if failure.kind == .cancelled { return SibylError(.cancelled, "the query was cancelled") }
    guard failure.kind == .invalidArgument else { return failure }
    return SibylError(.invalidArgument, "must be \(expected); SQLite says: \(failure.message)")
  }

  /// One statement that only reads, without parameters, whose answer has so many columns.
  private func query(
    _ sql: String, columns: ClosedRange<Int>, expected: String
  ) throws(SibylError) -> SQLStatement {
    func fault(_ what: String) -> SibylError {
      SibylError(.invalidArgument, "must be \(expected); \(what)")
    }
    var text = sql
    var pointer: OpaquePointer?
    var status = SQLITE_OK
    let hasMore = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var tail: UnsafePointer<CChar>?
        status = csqlite_prepare_v3(
          session.connection, characters.baseAddress, Int32(clamping: characters.count), 0, &pointer, &tail)
        guard let tail, let base = characters.baseAddress else { return false }
        let rest = UnsafeBufferPointer(rebasing: bytes[min(max(0, tail - base), bytes.count)...])
        return SQLTokenizer.tokens(of: Array(rest)).contains { $0.kind != .symbol(UInt8(ascii: ";")) }
      }
    }
    guard status == SQLITE_OK else {
      throw Self.told(SQLStatement.failure(of: session.connection, status), expected)
    }
    guard let pointer else { throw fault("it is empty") }
    let statement = SQLStatement(pointer)
    guard !hasMore else { throw fault("it holds several statements") }
    guard csqlite_stmt_readonly(pointer) != 0, csqlite_stmt_isexplain(pointer) == 0 else {
      throw fault("it is another kind of statement")
    }
    guard csqlite_bind_parameter_count(pointer) == 0 else {
      throw fault("it has parameters: write the values into it")
    }
    let count = csqlite_column_count(pointer)
    guard columns.contains(Int(count)) else { throw fault("it has \(count) column\(count == 1 ? "" : "s")") }
    return statement
  }
}

/// The classifiers that a connection has used last, in memory.
///
/// Used on the connection's thread only.
final class LoadedClassifiers {
  private static let capacity = 8

  /// The one used last comes first.
  private var classifiers: [Classifier] = []
  private var isLooking = false

  func classifier(named name: String, in table: ClassifierTable) throws(SibylError) -> Classifier {
    guard !isLooking else {
      throw SibylError(
        .invalidArgument,
        "\(ClassifierTable.name) must be a table; here it calls the functions that look into it")
    }
    isLooking = true
    defer { isLooking = false }
    guard let identity = try table.identity(of: name) else { throw try Self.unknown(name, table) }
    let known = classifiers.firstIndex { $0.isStored(as: identity) && $0.name.utf8.elementsEqual(name.utf8) }
    if let known {
      let classifier = classifiers[known]
      if known > 0 { classifiers.insert(classifiers.remove(at: known), at: 0) }
      return classifier
    }
    guard let stored = try table.classifier(named: name) else { throw try Self.unknown(name, table) }
    let classifier = try Classifier(stored)
    classifiers.insert(classifier, at: 0)
    classifiers.removeLast(max(0, classifiers.count - Self.capacity))
    return classifier
  }

  private static func unknown(_ name: String, _ table: ClassifierTable) throws(SibylError) -> SibylError {
    StoredClassifier.unknown(name, among: try table.list().map(\.name), of: "the main database")
  }
}

extension ConnectionSession {
  package var classifiers: (any ClassifierStore)? { SessionClassifiers(session: self) }
}
