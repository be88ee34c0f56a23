import Diagnostics
import Functions
import PostgresClient

extension PostgresSchema {
  /// Makes or renews everything that Sibyl needs in the database, in one transaction: all of it or nothing.
  ///
  /// What is there already stays, cached answers included: missing migrations are applied, functions are
  /// replaced in place, so that views over them stay, and functions in another schema move.
  ///
  /// The password of the bridge's user is made inside the server, since statements may be written to its log,
  /// and read back; later installations keep it.
  /// - Parameters:
  ///   - schema: where the public functions are to be.
  ///   - address: where the database's server finds the bridge.
  ///   - rotatesPassword: whether to make a new password.
  /// - Throws: what is in the way, and what to do about it; where rights are missing, the statements that an
  ///   administrator has to run.
  public func install(
    schema: String = "public", address: BridgeAddress, rotatesPassword: Bool = false
  ) throws(PostgresError) -> InstalledBridge {
    try install(
      schema: schema, address: address, rotatesPassword: rotatesPassword,
      migrations: SQLFile.migrations.count)
  }

  /// - Parameter migrations: how many to apply at most; tests make the databases of older versions so.
  package func install(
    schema: String, address: BridgeAddress, rotatesPassword: Bool, migrations: Int
  ) throws(PostgresError) -> InstalledBridge {
    try checkServer(schema: schema, address: address)
    return try changing { () throws(PostgresError) in
      var changes: [String] = []
      let isNew = try becomeOwner() == nil
      try checkRights(schema: schema, isNew: isNew)
      if isNew { try makeSchema(&changes) }
      let (dblinkSchema, madeDblink) = try requireDblink(&changes)
      let version = try migrate(upTo: migrations, &changes)
      guard migrations >= SQLFile.migrations.count else {
        return InstalledBridge(
          user: "", password: "", schema: schema, owner: "", schemaVersion: version,
          embeddingType: .realArray,
          changes: changes)
      }

      let before = try installation()
      let embeddingType = try chooseEmbeddingType(before: before, &changes)
      let set = FunctionSet(schema: schema, dblinkSchema: dblinkSchema, embeddingType: embeddingType)
      try replaceFunctions(by: set, before: before, &changes)
      for statement in FunctionSet.statusView + FunctionSet.grants { try connection.query(statement) }
      try updateServer(address, &changes)
      let password = try updateMapping(rotatesPassword: rotatesPassword, &changes)
      try connection.query(
        """
        INSERT INTO sibyl.installation AS known
          (schema, sibyl_version, host, port, requires_tls, embedding_type, owns_dblink)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (is_only_row) DO UPDATE SET
          schema = excluded.schema, sibyl_version = excluded.sibyl_version, host = excluded.host,
          port = excluded.port, requires_tls = excluded.requires_tls, embedding_type = excluded.embedding_type,
          owns_dblink = excluded.owns_dblink, updated = now()
        """,
        [
          .text(schema), .text(SibylVersion.current), .text(address.host), .integer(Int64(address.port)),
          .text(address.requiresTLS ? "t" : "f"), .text(embeddingType.description),
          .text(madeDblink || before?.ownsDblink == true && dblinkSchema == "sibyl" ? "t" : "f"),
        ])
      if let before, before.sibylVersion != SibylVersion.current {
        changes.append("Sibyl \(before.sibylVersion) became Sibyl \(SibylVersion.current).")
      }
      return InstalledBridge(
        user: Self.bridgeUser, password: password, schema: schema,
        owner: try value("SELECT current_user") ?? "", schemaVersion: version, embeddingType: embeddingType,
        changes: changes)
    }
  }

  private func checkServer(schema: String, address: BridgeAddress) throws(PostgresError) {
    guard connection.serverVersion >= Self.minimumServerVersion else {
      throw PostgresError(
        sqlState: "0A000",
        message:
          "Sibyl needs PostgreSQL 13 or newer; the server is version \(connection.serverVersion / 10_000)")
    }
    let rows = try connection.query("SELECT current_setting('server_encoding'), pg_is_in_recovery()")
    guard rows[0, 0] == "UTF8" else {
      throw PostgresError(
        sqlState: "0A000",
        message: "Sibyl needs a database with the encoding UTF8; \"\(connection.database)\" has "
          + "\(rows[0, 0] ?? "another"): make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")
    }
    guard rows[0, 1] == "f" else {
      throw PostgresError(
        sqlState: "25006",
        message: "the server is a standby, which can't be written to: connect to the primary")
    }
    guard 1...65_535 ~= address.port, !address.host.isEmpty, !schema.isEmpty else {
      throw PostgresError(
        sqlState: "22023",
        message:
          "an installation needs a schema's name and the bridge's address, a host and a port from 1 to "
          + "65535; got \"\(schema)\" and \(address)")
    }
    guard schema != "sibyl", !schema.hasPrefix("pg_"), schema != "information_schema" else {
      throw PostgresError(
        sqlState: "22023",
        message:
          "the public functions can't be in the schema \"\(schema)\", which has another purpose: choose "
          + "public or one of your own")
    }
  }

  private func makeSchema(_ changes: inout [String]) throws(PostgresError) {
    let rows = try connection.query(
      """
      SELECT (SELECT count(*) FROM pg_class AS c WHERE c.relnamespace = n.oid)
        + (SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = n.oid)
      FROM pg_namespace AS n WHERE n.nspname = 'sibyl'
      """)
    switch rows.first {
    case nil: try connection.query("CREATE SCHEMA sibyl")
    case "0": break
    default:
      throw PostgresError(
        sqlState: "42P06",
        message:
          "the schema \"sibyl\" is there already and holds objects that are not Sibyl's: rename it (ALTER "
          + "SCHEMA sibyl RENAME TO …) or drop it")
    }
    // Of a schema that an administrator has made beforehand, the comment is the administrator's.
    if rows.first == nil {
      try connection.query("COMMENT ON SCHEMA sibyl IS 'What the ai_ functions keep and use.'")
    }
    changes.append("Made the schema sibyl.")
  }

  /// - Returns: where the extension is, and whether it was made just now.
  private func requireDblink(_ changes: inout [String]) throws(PostgresError) -> (schema: String, isNew: Bool)
  {
    let find = """
      SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
      WHERE e.extname = 'dblink'
      """
    if let schema = try value(find) { return (schema, false) }
    // In our own schema, nobody else comes to rely on it, and it can go when we go.
    do throws(PostgresError) {
      try connection.savepoint { () throws(PostgresError) in
        try connection.query("CREATE EXTENSION dblink SCHEMA sibyl")
      }
    } catch {
      guard error.sqlState == "42501" else {
        throw error.told(
          "the extension dblink can't be made",
          hint: "It comes with PostgreSQL's additional modules; on Debian: apt-get install postgresql-contrib"
        )
      }
      throw try rightsError(["CREATE EXTENSION dblink", dblinkWrapperGrant()])
    }
    // By default everyone may use it: also the connections that our functions have opened.
    try connection.runScript(
      """
      DO $sibyl$ DECLARE f regprocedure; BEGIN
        FOR f IN SELECT p.oid FROM pg_proc AS p
          JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
          JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
          WHERE e.extname = 'dblink' AND pg_has_role(current_user, p.proowner, 'MEMBER')
        LOOP EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f); END LOOP;
      END $sibyl$
      """)
    changes.append("Made the extension dblink in the schema sibyl.")
    return ("sibyl", true)
  }

  /// - Returns: the number of the last migration.
  private func migrate(upTo last: Int, _ changes: inout [String]) throws(PostgresError) -> Int {
    let isOld = try value("SELECT to_regclass('sibyl.schema_version') IS NOT NULL") == "t"
    let applied =
      isOld ? try value("SELECT max(version) FROM sibyl.schema_version").flatMap { Int($0) } ?? 0 : 0
    guard applied <= SQLFile.migrations.count else {
      throw PostgresError(
        sqlState: "0A000",
        message:
          "Sibyl's tables in the database have the version \(applied), and this program knows versions up to "
          + "\(SQLFile.migrations.count): use the newer program that made them")
    }
    guard applied < last else { return applied }
    for (index, file) in SQLFile.migrations.enumerated().prefix(last) where index >= applied {
      try connection.runScript(file.text)
      try connection.query(
        "INSERT INTO sibyl.schema_version (version, name) VALUES ($1, $2)",
        [.integer(Int64(index + 1)), .text(file.name)])
    }
    changes.append(
      applied == 0
        ? "Made the tables, version \(last)." : "Brought the tables from version \(applied) to \(last).")
    return last
  }

  /// pgvector's type where it is installed, unless something that depends on the functions as they are would
  /// have to be dropped for it.
  private func chooseEmbeddingType(
    before: Installation?, _ changes: inout [String]
  ) throws(PostgresError) -> PostgresEmbeddingType {
    let vectorSchema = try value(
      """
      SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector' AND has_schema_privilege(n.oid, 'USAGE')
      """)
    guard let vectorSchema else { return .realArray }
    guard let before, before.embeddingType == PostgresEmbeddingType.realArray.description else {
      return .vector(schema: vectorSchema)
    }
    let dependents = try value(
      """
      SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, 0), ', ')
      FROM pg_depend AS d JOIN pg_proc AS p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
      WHERE p.pronamespace = to_regnamespace(quote_ident($1)) AND p.prosrc LIKE E'\\n' || $2 || '%'
        AND p.prorettype = 'real[]'::regtype
      """, [.text(before.schema), .text(SQLFunction.mark)])
    guard let dependents else { return .vector(schema: vectorSchema) }
    changes.append("Embeddings stay real[], although pgvector is installed, because of \(dependents).")
    return .realArray
  }
}
