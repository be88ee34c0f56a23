import PostgresClient

extension PostgresSchema {
  /// Finds out, before anything is done, which rights the role lacks, and tells them all at once.
  func checkRights(schema: String, isNew: Bool) throws(PostgresError) {
    let rows = try connection.query(
      """
      SELECT to_regnamespace(quote_ident($1)) IS NOT NULL,
        coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'CREATE'), true),
        coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'USAGE'), true),
        CASE WHEN to_regnamespace('sibyl') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
          ELSE has_schema_privilege('sibyl', 'CREATE') AND has_schema_privilege('sibyl', 'USAGE') END,
        to_regnamespace('sibyl') IS NULL,
        EXISTS (SELECT FROM pg_extension WHERE extname = 'dblink'),
        (SELECT has_foreign_data_wrapper_privilege(oid, 'USAGE') FROM pg_foreign_data_wrapper
          WHERE fdwname = 'dblink_fdw'),
        EXISTS (SELECT FROM pg_foreign_server WHERE srvname = 'sibyl_bridge')
      """, [.text(schema)])
    func holds(_ column: Int) -> Bool { rows[0, column] == "t" }
    guard holds(0) else {
      throw PostgresError(
        sqlState: "3F000",
        message:
          "the schema \"\(schema)\" is not there; make it with CREATE SCHEMA \(SQLQuoting.identifier(schema)), "
          + "or choose another one")
    }
    let role = SQLQuoting.identifier(try value("SELECT current_user") ?? connection.user)
    var missing: [String] = []
    if isNew, !holds(3) {
      missing.append(
        holds(4)
          ? "CREATE SCHEMA sibyl AUTHORIZATION \(role)" : "GRANT USAGE, CREATE ON SCHEMA sibyl TO \(role)")
    }
    if !holds(1) || !holds(2) {
      missing.append("GRANT USAGE, CREATE ON SCHEMA \(SQLQuoting.identifier(schema)) TO \(role)")
    }
    if !holds(5) {
      // Whether it may be made shows when it is made; where more is missing anyway, it is told with the rest.
      if !missing.isEmpty { missing += ["CREATE EXTENSION dblink", try dblinkWrapperGrant()] }
    } else {
      if !holds(6), !holds(7) { missing.append(try dblinkWrapperGrant()) }
      missing += try dblinkGrants(role: role)
    }
    if !missing.isEmpty { throw try rightsError(missing) }
  }

  /// An administrator may have closed dblink to the public.
  private func dblinkGrants(role: String) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      SELECT quote_ident(n.nspname), has_schema_privilege(n.oid, 'USAGE'),
        p.oid::regprocedure, has_function_privilege(p.oid, 'EXECUTE')
      FROM pg_extension AS e
      JOIN pg_depend AS d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
        AND d.classid = 'pg_proc'::regclass
      JOIN pg_proc AS p ON p.oid = d.objid
      JOIN pg_namespace AS n ON n.oid = e.extnamespace
      WHERE e.extname = 'dblink' AND (p.proname, oidvectortypes(p.proargtypes)) IN (('dblink', 'text, text'),
        ('dblink_connect', 'text, text'), ('dblink_disconnect', 'text'), ('dblink_get_connections', ''))
      ORDER BY 3
      """)
    var grants: [String] = []
    if rows[0, 1] == "f", let schema = rows[0, 0] {
      grants.append("GRANT USAGE ON SCHEMA \(schema) TO \(role)")
    }
    for row in rows.rows where row[3] == "f" {
      grants.append("GRANT EXECUTE ON FUNCTION \(row[2] ?? "") TO \(role)")
    }
    return grants
  }

  func dblinkWrapperGrant() throws(PostgresError) -> String {
    let role = SQLQuoting.identifier(try value("SELECT current_user") ?? connection.user)
    return "GRANT USAGE ON FOREIGN DATA WRAPPER dblink_fdw TO \(role)"
  }

  /// Names the statements that are missing, in an order in which they can be run.
  func rightsError(_ statements: [String]) throws(PostgresError) -> PostgresError {
    let role = try value("SELECT current_user") ?? connection.user
    return PostgresError(
      sqlState: "42501",
      message:
        "the role \"\(role)\" has not all the rights that installing Sibyl takes; an administrator has to run "
        + "in the database \"\(connection.database)\": " + statements.map { $0 + ";" }.joined(separator: " "))
  }
}
