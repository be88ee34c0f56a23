import Diagnostics
import Functions
import PostgresBridge
import PostgresClient
import SQLiteExtension

/// A database with classifiers: a SQLite file, or a PostgreSQL database.
///
/// Owned by one thread.
struct ClassifierDatabase {
  private enum Place {
    case sqlite(Database)
    case postgres(PostgresClassifiers)
  }

  /// How messages call it.
  let name: String
  /// How a command is told of it.
  let arguments: String
  private let place: Place

  /// - Parameters:
  ///   - path: of the SQLite file; nil where `dsn` names a PostgreSQL database.
  ///   - creates: whether to make the file where there is none.
  init(path: String?, dsn: String?, creates: Bool = false) throws(SibylError) {
    if let dsn {
      name = "the database"
      arguments = "--dsn …"
      do throws(PostgresError) {
        let connection = try PostgresConnection(PostgresDSN(dsn), applicationName: "sibyl classifiers")
        guard try connection.query("SELECT to_regclass('sibyl.classifiers') IS NOT NULL").first == "t" else {
          throw PostgresError(
            SibylError(
              .unavailable,
              "Sibyl is not installed in that database, or an older version: start sibyl bridge there"))
        }
        place = .postgres(PostgresClassifiers(on: connection))
      } catch { throw error.error }
    } else {
      name = path ?? ""
      arguments = name
      place = .sqlite(try Database(creates ? .newFile(name) : .file(name)))
    }
  }

  /// All classifiers by name, without their weights.
  func list() throws(SibylError) -> [StoredClassifier] {
    switch place {
    case .sqlite(let database):
      defer { withExtendedLifetime(database) {} }
      return try ClassifierTable(database.connection).list()
    case .postgres(let table): return try Self.told { () throws(PostgresError) in try table.list() }
    }
  }

  func classifier(named name: String) throws(SibylError) -> StoredClassifier? {
    switch place {
    case .sqlite(let database):
      defer { withExtendedLifetime(database) {} }
      return try ClassifierTable(database.connection).classifier(named: name)
    case .postgres(let table):
      return try Self.told { () throws(PostgresError) in try table.classifier(named: name) }
    }
  }

  /// - Returns: whether it was stored: false where there is one of its name that it may not replace.
  func store(_ classifier: StoredClassifier, replaces: Bool) throws(SibylError) -> Bool {
    switch place {
    case .sqlite(let database):
      defer { withExtendedLifetime(database) {} }
      let table = ClassifierTable(database.connection)
      var isStored = false
      try database.transaction(isCancelled: { true }) { () throws(SibylError) in
        // || would lose the error's type.
        if !replaces { guard try table.identity(of: classifier.name) == nil else { return } }
        try table.store(classifier)
        isStored = true
      }
      return isStored
    case .postgres(let table):
      return try Self.told { () throws(PostgresError) in try table.store(classifier, replaces: replaces) }
    }
  }

  /// Whether there was one to remove.
  func remove(_ name: String) throws(SibylError) -> Bool {
    switch place {
    case .sqlite(let database):
      defer { withExtendedLifetime(database) {} }
      return try ClassifierTable(database.connection).remove(name)
    case .postgres(let table): return try Self.told { () throws(PostgresError) in try table.remove(name) }
    }
  }

  private static func told<Answer>(_ body: () throws(PostgresError) -> Answer) throws(SibylError) -> Answer {
    do throws(PostgresError) { return try body() } catch { throw error.error }
  }
}
