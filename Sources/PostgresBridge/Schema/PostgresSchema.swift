import Diagnostics
import PostgresClient

/// Sibyl's objects in a database: makes them, removes them, and keeps the tables that the functions read.
///
/// Everything is in the schema `sibyl`, except the public functions, which are in a schema of the user's
/// choice, and a foreign server of the name `sibyl_bridge`. Each change is one transaction, and only one is
/// made at a time. Owned by one thread at a time, like its connection.
public struct PostgresSchema {
  /// The oldest server on which the functions work: 13, for `gen_random_uuid`.
  static let minimumServerVersion = 130_000
  /// The version of the tables that this program makes.
  package static var latestVersion: Int { SQLFile.migrations.count }
  /// The name of the foreign server, and of the user who comes through it.
  static let serverName = "sibyl_bridge"
  static let bridgeUser = "sibyl"
  /// What installations in one database agree on: "sibyl" in ASCII.
  private static let lock: Int64 = 0x73_6962_796C

  let connection: PostgresConnection

  /// - Parameter connection: of the role that owns Sibyl's objects or may act for it. No transaction is open.
  public init(on connection: PostgresConnection) { self.connection = connection }

  /// How Sibyl is installed; nil where it is not.
  public func installation() throws(PostgresError) -> Installation? {
    guard try value("SELECT to_regclass('sibyl.installation') IS NOT NULL") == "t" else { return nil }
    let rows = try connection.query(
      """
      SELECT schema, sibyl_version, host, port, requires_tls, embedding_type, owns_dblink
      FROM sibyl.installation
      """)
    guard let schema = rows[0, 0], let version = rows[0, 1], let host = rows[0, 2],
      let port = rows[0, 3].flatMap({ Int($0) })
    else { return nil }
    return Installation(
      schema: schema, sibylVersion: version,
      address: BridgeAddress(host: host, port: port, requiresTLS: rows[0, 4] == "t"),
      embeddingType: rows[0, 5] ?? "", ownsDblink: rows[0, 6] == "t")
  }

  /// Runs a closure as one transaction under the lock of installations.
  func changing<Answer>(
    _ body: () throws(PostgresError) -> Answer
  ) throws(PostgresError) -> Answer {
    do throws(PostgresError) {
      return try connection.transaction { () throws(PostgresError) in
        // Whoever waited for the lock must see what the one before it did.
        try connection.runScript(
          """
          SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
          SET LOCAL search_path = pg_catalog, pg_temp;
          SET LOCAL standard_conforming_strings = on;
          SET LOCAL check_function_bodies = on;
          SET LOCAL client_min_messages = warning;
          SET LOCAL statement_timeout = 0;
          SET LOCAL lock_timeout = '30s'
          """)
        try connection.query("SELECT pg_advisory_xact_lock($1)", [.integer(Self.lock)])
        return try body()
      }
    } catch {
      guard error.sqlState == "55P03" else { throw error }
      throw error.told(
        "another session holds Sibyl's objects in \(connection.dsn) for more than 30 seconds",
        hint: "Is another installation running? See pg_stat_activity, end that session and run this again.")
    }
  }

  /// Acts as the role that owns what is installed, to the end of the transaction.
  /// - Returns: its name; nil where nothing is installed.
  func becomeOwner() throws(PostgresError) -> String? {
    let rows = try connection.query(
      """
      SELECT pg_get_userbyid(relowner), current_user, pg_has_role(current_user, relowner, 'MEMBER')
      FROM pg_class WHERE oid = to_regclass('sibyl.schema_version')
      """)
    guard let owner = rows[0, 0], let user = rows[0, 1] else { return nil }
    if owner == user { return owner }
    guard rows[0, 2] == "t" else {
      throw PostgresError(
        sqlState: "42501",
        message: "in the database \"\(connection.database)\", Sibyl belongs to the role \"\(owner)\", and "
          + "\"\(user)\" is no member of that: connect as \"\(owner)\" or as a superuser")
    }
    try connection.query("SET LOCAL ROLE \(SQLQuoting.identifier(owner))")
    return owner
  }

  /// The first value that a query gives.
  func value(_ sql: String, _ parameters: [PostgresParameter] = []) throws(PostgresError) -> String? {
    try connection.query(sql, parameters).first
  }
}
