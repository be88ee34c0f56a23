import CSQLite
import Diagnostics
import Functions

/// The table in the user's main database that holds its classifiers.
package struct ClassifierTable {
  package static let name = "sibyl_classifiers"

  private static let definition = """
    CREATE TABLE IF NOT EXISTS main.\(name)(
      name TEXT PRIMARY KEY, method TEXT NOT NULL, model TEXT NOT NULL, encoder TEXT NOT NULL,
      labels TEXT NOT NULL, report TEXT NOT NULL, created TEXT NOT NULL, digest TEXT NOT NULL,
      weights BLOB NOT NULL)
    """
  private static let columns = "name, method, model, encoder, labels, report, created, digest"

  private let connection: OpaquePointer

  package init(_ connection: OpaquePointer) { self.connection = connection }

  /// All classifiers by name, without their weights; none where there is no table yet.
  package func list() throws(SibylError) -> [StoredClassifier] {
    guard let statement = try reading("SELECT \(Self.columns), NULL FROM main.\(Self.name) ORDER BY name")
    else { return [] }
    var found: [StoredClassifier] = []
    try statement.forEachRow(on: connection) { found.append(Self.classifier($0)) }
    return found
  }

  /// What tells a classifier from others without its weights being read; nil where there is none of that name.
  package func identity(of name: String) throws(SibylError) -> StoredClassifier.Identity? {
    guard
      let statement = try reading(
        "SELECT method, encoder, digest, length(weights) FROM main.\(Self.name) WHERE name = ?1")
    else { return nil }
    var identity: StoredClassifier.Identity?
    name.bind(to: statement.pointer, 1)
    try statement.forEachRow(on: connection) {
      identity = StoredClassifier.Identity(
        method: Self.text($0, 0), encoder: Self.text($0, 1), digest: Self.text($0, 2),
        size: Int(clamping: csqlite_column_int64($0, 3)))
    }
    return identity
  }

  /// A classifier with its weights; nil where there is none of that name.
  package func classifier(named name: String) throws(SibylError) -> StoredClassifier? {
    guard
      let statement = try reading("SELECT \(Self.columns), weights FROM main.\(Self.name) WHERE name = ?1")
    else { return nil }
    var found: StoredClassifier?
    name.bind(to: statement.pointer, 1)
    try statement.forEachRow(on: connection) { found = Self.classifier($0) }
    return found
  }

  /// Stores a classifier in place of one of its name. In the transaction that is open; where there is none, SQLite
  /// makes one of each statement.
  package func store(_ classifier: StoredClassifier) throws(SibylError) {
    do throws(SibylError) {
      try SQLStatement(Self.definition, on: connection).forEachRow(on: connection) { _ in }
      let statement = try SQLStatement(
        """
        INSERT OR REPLACE INTO main.\(Self.name)(\(Self.columns), weights)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """, on: connection)
      let texts = [
        classifier.name, classifier.method, classifier.model, classifier.encoder, classifier.labelsJSON,
        classifier.report, classifier.created, classifier.digest,
      ]
      for (index, text) in texts.enumerated() { text.bind(to: statement.pointer, Int32(index + 1)) }
      let weights = classifier.weights ?? []
      weights.withUnsafeBytes {
        _ = csqlite_bind_blob(statement.pointer, 9, $0.baseAddress, Int64($0.count))
      }
      try statement.forEachRow(on: connection) { _ in }
    } catch {
      if error.kind == .cancelled { throw error }
      throw error.kind == .invalidArgument ? Self.foreign(error.message) : Self.unwritable(error.message)
    }
  }

  /// Whether there was one to remove.
  package func remove(_ name: String) throws(SibylError) -> Bool {
    guard try identity(of: name) != nil else { return false }
    let statement = try SQLStatement("DELETE FROM main.\(Self.name) WHERE name = ?1", on: connection)
    name.bind(to: statement.pointer, 1)
    try statement.forEachRow(on: connection) { _ in }
    return true
  }

  /// - Throws: where the database takes no writes at all.
  ///
  /// - Parameter what: is to be stored.
  package func checkWritable(for what: String) throws(SibylError) {
    var isReadOnly = csqlite_db_readonly(connection, "main") == 1
    let pragma = try SQLStatement("PRAGMA query_only", on: connection)
    try pragma.forEachRow(on: connection) { isReadOnly = isReadOnly || csqlite_column_int64($0, 0) != 0 }
    if isReadOnly { throw Self.unwritable("attempt to write a readonly database", what) }
  }

  /// A table of the user's stands where Sibyl's would be.
  private static func foreign(_ reason: String) -> SibylError {
    SibylError(
      .unavailable,
      "the table \(name) of the main database is not one that holds classifiers: \(reason). Rename it, and "
        + "ai_train makes its own")
  }

  private static func unwritable(_ reason: String, _ what: String = "the classifier") -> SibylError {
    SibylError(
      .unavailable,
      "\(what) can't be stored in the main database: \(reason); nothing was stored. Open a database that can "
        + "be written to")
  }

  /// A statement about the table; nil where there is no such table.
  private func reading(_ sql: String) throws(SibylError) -> SQLStatement? {
    do throws(SibylError) {
      return try SQLStatement(sql, on: connection)
    } catch {
      if error.message.hasPrefix("no such table: main.\(Self.name)") { return nil }
      throw error.message.hasPrefix("no such column") ? Self.foreign(error.message) : error
    }
  }

  private static func classifier(_ row: OpaquePointer) -> StoredClassifier {
    var weights: [UInt8]?
    if case .blob(let bytes) = SQLiteColumn.raw(row, 8) { weights = Array(bytes) }
    return StoredClassifier(
      name: text(row, 0), method: text(row, 1), model: text(row, 2), encoder: text(row, 3),
      labels: StoredClassifier.labels(in: text(row, 4)), report: text(row, 5), created: text(row, 6),
      digest: text(row, 7), weights: weights)
  }

  private static func text(_ row: OpaquePointer, _ column: Int32) -> String {
    guard case .text(let bytes) = SQLiteColumn.raw(row, column) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// Binds a copy of the text.
  func bind(to statement: OpaquePointer, _ index: Int32) {
    var text = self
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        // An empty buffer may have no address, and a null pointer would mean NULL.
        if let start = $0.baseAddress {
          _ = csqlite_bind_text(statement, index, start, Int64($0.count))
        } else {
          _ = csqlite_bind_text(statement, index, "", 0)
        }
      }
    }
  }
}
