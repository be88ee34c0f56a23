import CSQLite
import Diagnostics
import Functions

/// The table in the user's main database that holds what `ai_feedback` was told.
struct FeedbackTable {
  static let name = "sibyl_feedback"

  /// The text is part of the key, so the table is its own index.
  private static let definition = """
    CREATE TABLE IF NOT EXISTS main.\(name)(
      name TEXT NOT NULL, text TEXT NOT NULL, label TEXT NOT NULL, created TEXT NOT NULL,
      PRIMARY KEY(name, text)) WITHOUT ROWID
    """

  private let connection: OpaquePointer

  init(_ connection: OpaquePointer) { self.connection = connection }

  /// Whether the main database has a table of that name, as far as the connection knows its schema.
  var exists: Bool { csqlite_table_exists(connection, "main", Self.name) != 0 }

  /// All corrections of one function or classifier, by text.
  func corrections(of subject: String) throws(SibylError) -> [(text: String, label: String)] {
    guard exists else { return [] }
    let statement = try told("read") { () throws(SibylError) in
      try SQLStatement(
        "SELECT text, label FROM main.\(Self.name) WHERE name = ?1 ORDER BY text", on: connection)
    }
    subject.bind(to: statement.pointer, 1)
    var found: [(text: String, label: String)] = []
    try statement.forEachRow(on: connection) { row in
      guard case .text(let text) = SQLiteColumn.raw(row, 0), case .text(let label) = SQLiteColumn.raw(row, 1),
        let text = String(validating: text, as: UTF8.self),
        let label = String(validating: label, as: UTF8.self)
      else { return }
      found.append((text, label))
    }
    return found
  }

  /// Stores a correction in place of one of the same text. In the transaction that is open; where there is none, SQLite
  /// makes one of each statement.
  func store(_ subject: String, text: String, label: String, created: String) throws(SibylError) {
    try told("written") { () throws(SibylError) in
      try SQLStatement(Self.definition, on: connection).forEachRow(on: connection) { _ in }
      let statement = try SQLStatement(
        "INSERT OR REPLACE INTO main.\(Self.name)(name, text, label, created) VALUES (?1, ?2, ?3, ?4)",
        on: connection)
      for (index, value) in [subject, text, label, created].enumerated() {
        value.bind(to: statement.pointer, Int32(index + 1))
      }
      try statement.forEachRow(on: connection) { _ in }
    }
  }

  private func told<Result: ~Copyable>(
    _ done: String, _ body: () throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    do throws(SibylError) {
      return try body()
    } catch {
      guard error.kind != .cancelled else { throw error }
      throw SibylError(
        .unavailable,
        "the table \(Self.name) of the main database can't be \(done): \(error.message). If it is not Sibyl's own "
          + "table (name, text, label, created), rename it")
    }
  }
}
