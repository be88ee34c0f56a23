import PostgresClient

extension PostgresSchema {
  /// Removes everything that Sibyl made, and nothing else, in one transaction.
  /// - Parameters:
  ///   - cascade: whether to drop what depends on it, too: views over the functions, say.
  ///   - dropsClassifiers: whether to drop what users have trained and corrected.
  /// - Returns: what was removed, in words; empty where nothing is installed.
  /// - Throws: where other objects depend on Sibyl's and `cascade` is false; the detail names them. Where there are
  ///   classifiers or corrections and `dropsClassifiers` is false.
  public func uninstall(
    cascade: Bool = false, dropsClassifiers: Bool = false
  ) throws(PostgresError) -> [String] {
    try changing { () throws(PostgresError) in
      guard try becomeOwner() != nil else { return [] }
      if !dropsClassifiers { try requireNoClassifiers() }
      let installation = try installation()
      do throws(PostgresError) {
        return try drop(installation, behaviour: cascade ? "CASCADE" : "RESTRICT")
      } catch {
        guard error.sqlState == "2BP01" else { throw error }
        throw error.told(
          "other objects depend on Sibyl's",
          hint: "Drop or change them first, or uninstall with --cascade, which drops them, too.")
      }
    }
  }

  private func drop(_ installation: Installation?, behaviour: String) throws(PostgresError) -> [String] {
    var changes: [String] = []
    try dropColumns(&changes)
    try connection.query(
      "DROP VIEW IF EXISTS sibyl.status, sibyl.jobs, sibyl.job_failures, sibyl.columns, sibyl.column_failures \(behaviour)"
    )
    let schemas = Set(["sibyl", installation?.schema].compactMap { $0 })
    let functions = try foundFunctions(in: schemas, names: []).filter(\.isOurs)
    if !functions.isEmpty {
      // All at once, since some need others.
      try connection.query("DROP ROUTINE \(functions.map(\.identity).joined(separator: ", ")) \(behaviour)")
      changes.append("Removed \(functions.count) functions.")
    }
    let mappings = try connection.query(
      "SELECT usename FROM pg_user_mappings WHERE srvname = $1", [.text(Self.serverName)])
    for user in mappings.rows.compactMap({ $0[0] }) {
      let name = user == "public" ? "PUBLIC" : SQLQuoting.identifier(user)
      try connection.query("DROP USER MAPPING FOR \(name) SERVER \(Self.serverName)")
    }
    if try value("SELECT true FROM pg_foreign_server WHERE srvname = $1", [.text(Self.serverName)]) != nil {
      try connection.query("DROP SERVER \(Self.serverName) \(behaviour)")
      changes.append("Removed the foreign server \(Self.serverName) and the bridge's password.")
    }
    try connection.query(
      "DROP TABLE IF EXISTS sibyl.cache, sibyl.function, sibyl.installation, sibyl.schema_version \(behaviour)"
    )
    try connection.query(
      "DROP TABLE IF EXISTS sibyl.job_failure, sibyl.job_chunk, sibyl.job, sibyl.column_failure, sibyl.column_change, "
        + "sibyl.ai_column, sibyl.classifiers, sibyl.feedback, sibyl.evaluations \(behaviour)")
    try connection.query("DROP SEQUENCE IF EXISTS sibyl.work_number \(behaviour)")
    changes.append("Removed the tables with the cached answers and the jobs.")
    try dropDblink(installation, &changes)
    try dropSchema(behaviour: behaviour, &changes)
    return changes
  }

  /// What users have made is not dropped unasked.
  private func requireNoClassifiers() throws(PostgresError) {
    // Not there in a database of an older version.
    guard try value("SELECT to_regclass('sibyl.feedback') IS NOT NULL") == "t" else { return }
    let counts = try connection.query(
      "SELECT (SELECT count(*) FROM sibyl.classifiers), (SELECT count(*) FROM sibyl.feedback)")
    guard let classifiers = counts[0, 0], let corrections = counts[0, 1],
      classifiers != "0" || corrections != "0"
    else { return }
    throw PostgresError(
      sqlState: "2BP01",
      message:
        "the database \"\(connection.database)\" has \(classifiers) classifiers (sibyl.classifiers) and \(corrections) "
        + "corrections (sibyl.feedback), which would be lost: export the classifiers with sibyl classifiers export, copy "
        + "the corrections, and uninstall with --drop-classifiers")
  }

  /// The triggers on users' tables. The columns that they kept fresh stay, with what is in them.
  private func dropColumns(_ changes: inout [String]) throws(PostgresError) {
    // Not there in a database of an older version.
    guard try value("SELECT to_regprocedure('sibyl.drop_triggers(bigint)') IS NOT NULL") == "t" else {
      return
    }
    let columns = try value("SELECT count(*) FROM sibyl.ai_column") ?? "0"
    try connection.query("SELECT sibyl.drop_triggers()")
    if columns != "0" {
      changes.append("Removed the triggers that kept \(columns) column\(columns == "1" ? "" : "s") fresh.")
    }
  }

  /// The extension goes if we made it and nobody else has come to need it.
  private func dropDblink(_ installation: Installation?, _ changes: inout [String]) throws(PostgresError) {
    let schema = try value(
      """
      SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
      WHERE e.extname = 'dblink'
      """)
    guard schema == "sibyl" else { return }
    do throws(PostgresError) {
      guard let installation, installation.ownsDblink else { return try moveDblink(installation, &changes) }
      try connection.savepoint { () throws(PostgresError) in try connection.query("DROP EXTENSION dblink") }
      changes.append("Removed the extension dblink.")
    } catch {
      guard error.sqlState == "2BP01" else { throw error }
      try moveDblink(installation, &changes)
    }
  }

  private func moveDblink(_ installation: Installation?, _ changes: inout [String]) throws(PostgresError) {
    let schema = installation?.schema ?? "public"
    try connection.query("ALTER EXTENSION dblink SET SCHEMA \(SQLQuoting.name(schema))")
    changes.append("Moved the extension dblink, which others use, to the schema \(schema).")
  }

  private func dropSchema(behaviour: String, _ changes: inout [String]) throws(PostgresError) {
    // An administrator may have made it for us and own it.
    guard
      try value(
        "SELECT pg_has_role(current_user, nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = 'sibyl'")
        == "t"
    else {
      changes.append("Left the schema sibyl, which belongs to another role.")
      return
    }
    try connection.query("DROP SCHEMA sibyl \(behaviour)")
    changes.append("Removed the schema sibyl.")
  }
}
