import Diagnostics
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// What ordinary users may do, and what they may not.
@Suite(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
struct SchemaSecurityTests {
  private let database: BridgeDatabase
  private let bridge: StandInBridge
  private let user: PostgresConnection
  private let password: String

  init() throws {
    database = try BridgeDatabase()
    bridge = try StandInBridge(on: database.server)
    password = try database.install(address: bridge.address).password
    try database.fingerprintAll()
    try database.cache("ai_sentiment", ["cached"], "positive")
    user = try database.connect(as: database.role("ordinary"))
  }

  @Test func publicFunctionsAreForEveryone() throws {
    for (sql, answer) in [
      ("SELECT ai_sentiment('cached')", "positive"), ("SELECT ai_sentiment('x')", "ai_sentiment|x"),
      ("SELECT (ai_sentiment(ARRAY['x', 'cached']))[2]", "positive"),
      ("SELECT text FROM ai_chunk('x')", "piece 1"), ("SELECT ai_config('x')", "ai_config|x"),
      ("SELECT version FROM sibyl.status", "0.1.0"), ("SELECT ok FROM sibyl.health()", "t"),
      ("SELECT ai_prefetch('SELECT ''cached''', 'ai_sentiment') -> 'cached'", "1"),
    ] {
      #expect(try user.query(sql).first == answer, "\(sql)")
    }
  }

  @Test(arguments: [
    "SELECT * FROM sibyl.cache", "SELECT * FROM sibyl.function", "SELECT * FROM sibyl.installation",
    "SELECT * FROM sibyl.schema_version", "INSERT INTO sibyl.cache VALUES ('', 'x')",
    "DELETE FROM sibyl.cache",
    "UPDATE sibyl.function SET name = 'x'", "DROP FUNCTION ai_sentiment(text)",
    "SELECT sibyl.call('ai_sentiment', '', NULL)", "SELECT sibyl.connect()",
    "SELECT sibyl.answers('ai_sentiment', '{}', '', '', '', '', NULL, NULL)", "SELECT sibyl.address()",
    "SELECT sibyl.dblink('sibyl', 'SELECT 1')", "SELECT sibyl.dblink_connect('x', 'sibyl_bridge')",
    "SELECT sibyl.dblink_get_connections()", "SELECT ai_config('embedding_model', 'other')",
    "CREATE TABLE sibyl.mine (a int)", "CREATE USER MAPPING FOR ordinary SERVER sibyl_bridge",
    "ALTER SERVER sibyl_bridge OPTIONS (SET host 'elsewhere')",
    "SET ROLE postgres", "CREATE OR REPLACE FUNCTION sibyl.health() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  ]) func theRestIsNot(sql: String) throws {
    // A connection that could be used is open.
    _ = try user.query("SELECT ai_sentiment('x')")
    let error = #expect(throws: PostgresError.self) { try user.query(sql) }
    #expect(error?.sqlState == "42501", "\(error?.description ?? "")")
  }

  @Test func thePasswordIsHidden() throws {
    let options = try user.query("SELECT umoptions FROM pg_user_mappings WHERE srvname = 'sibyl_bridge'")
    #expect(options.count == 1 && options.first == nil)
    #expect(throws: PostgresError.self) { try user.query("SELECT * FROM pg_user_mapping") }
    // Not in what anybody can see of errors either.
    try database.install(address: BridgeDatabase.nowhere)
    let session = try database.connect(as: "ordinary")
    let error = #expect(throws: PostgresError.self) { try session.query("SELECT ai_version()") }
    #expect(error?.description.contains(password) == false)
  }

  @Test func prefetchReadsWithTheRightsOfTheCaller() throws {
    try database.connection.runScript(
      """
      CREATE TABLE secrets (body text); INSERT INTO secrets VALUES ('secret');
      CREATE SCHEMA theirs AUTHORIZATION ordinary
      """)
    let error = #expect(throws: PostgresError.self) {
      try user.query("SELECT ai_prefetch('SELECT body FROM secrets', 'ai_sentiment')")
    }
    #expect(error?.sqlState == "42501" && error?.error.message.contains("secrets") == true)
    // And with the path of the caller.
    try user.runScript(
      "CREATE TABLE theirs.notes (body text); INSERT INTO theirs.notes VALUES ('a'), ('b'); SET search_path = theirs"
    )
    #expect(
      try user.query("SELECT public.ai_prefetch('SELECT body FROM notes', 'ai_sentiment') -> 'computed'")
        .first
        == "2")
    #expect(
      try user.query(
        "SELECT public.ai_prefetch('SELECT current_user || current_setting(''search_path'')', 'ai_sentiment') -> 'calls'"
      )
      .first == "1")
    #expect(try bridge.asked("ordinarytheirs").count == 1)
  }

  /// Objects that a user puts in front of the system's are not found by functions that run with the owner's
  /// rights.
  @Test func aSearchPathCanNotTakeOver() throws {
    try database.connection.query("CREATE SCHEMA trap AUTHORIZATION ordinary")
    try user.runScript(
      """
      CREATE FUNCTION trap.sha256(bytea) RETURNS bytea LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', current_user; END$$;
      CREATE FUNCTION trap.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', current_user; END$$;
      CREATE FUNCTION trap.octet_length(text) RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', current_user; END$$;
      CREATE FUNCTION trap.cat(bytea, bytea) RETURNS bytea LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', current_user; END$$;
      CREATE OPERATOR trap.|| (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = trap.cat);
      CREATE FUNCTION trap.plus(bigint, bigint) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', current_user; END$$;
      CREATE OPERATOR trap.+ (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = trap.plus);
      CREATE FUNCTION trap.plus(bigint, int) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', current_user; END$$;
      CREATE OPERATOR trap.+ (LEFTARG = bigint, RIGHTARG = int, FUNCTION = trap.plus);
      CREATE TEMPORARY TABLE pg_class (a int); CREATE TEMPORARY TABLE cache (key bytea, answer text);
      SET search_path = trap, pg_temp, pg_catalog, public
      """)
    #expect(throws: PostgresError.self) { try user.query("SELECT sha256('')") }
    #expect(try user.query("SELECT ai_sentiment('cached')").first == "positive")
    #expect(try user.query("SELECT ai_sentiment(ARRAY['cached', 'x'])").first == "{positive,ai_sentiment|x}")
    #expect(
      try user.query("SELECT ai_classify('x', ARRAY['a', 'b'])").first == "ai_classify|x|[\"a\", \"b\"]")
    #expect(try user.query("SELECT ok FROM sibyl.health()").first == "t")
    #expect(
      try user.query("SELECT ai_prefetch('SELECT $$x$$', 'ai_sentiment') -> 'computed'").first == "1")
  }

  @Test func settingsAreForTheOwnerAndWhoIsGrantedThem() throws {
    #expect(try database.value("SELECT ai_config('key', 'value')") == "ai_config|key|value")
    try database.connection.query("GRANT EXECUTE ON FUNCTION ai_config(text, text) TO ordinary")
    #expect(try user.query("SELECT ai_config('key', 'value')").first == "ai_config|key|value")
    // The grant outlives the next installation.
    try database.install(address: bridge.address)
    #expect(try user.query("SELECT ai_config('key', 'value')").first == "ai_config|key|value")
  }

  // MARK: Installing without being a superuser

  /// On a managed server, an administrator gives what is needed, and an ordinary role installs.
  @Test func anOrdinaryRoleInstalls() throws {
    let server = try ThrowawayPostgres(passwordUsers: ["sibyl"])
    let administrator = try server.connect()
    try administrator.runScript("CREATE ROLE app LOGIN; CREATE ROLE other LOGIN")
    try administrator.query("CREATE DATABASE shop TEMPLATE template0")
    let inShop = try server.connect(database: "shop")
    let app = try server.connect(database: "shop", user: "app")
    let address = BridgeAddress(host: "127.0.0.1", port: server.port)

    let error = #expect(throws: PostgresError.self) { try PostgresSchema(on: app).install(address: address) }
    #expect(error?.sqlState == "42501")
    let prefix = "an administrator has to run in the database \"shop\": "
    let message = try #require(error?.error.message)
    let statements = try #require(message.components(separatedBy: prefix).last)
    #expect(
      statements
        == "CREATE SCHEMA sibyl AUTHORIZATION \"app\"; GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"app\"; "
        + "CREATE EXTENSION dblink; GRANT USAGE ON FOREIGN DATA WRAPPER dblink_fdw TO \"app\";")
    try inShop.runScript(statements)
    let installed = try PostgresSchema(on: app).install(address: address)
    #expect(installed.owner == "app")

    // The stand-in asks for the password, as the bridge does: without one, dblink would refuse an ordinary
    // role.
    let bridge = try StandInBridge(on: server)
    _ = bridge
    try administrator.query("ALTER ROLE sibyl PASSWORD '\(installed.password)'")
    #expect(try app.query("SELECT ai_sentiment('x')").first == "ai_sentiment|x")
    let other = try server.connect(database: "shop", user: "other")
    #expect(try other.query("SELECT ai_sentiment('y')").first == "ai_sentiment|y")
    #expect(throws: PostgresError.self) { try other.query("SELECT * FROM sibyl.cache") }

    // A superuser may renew it, and it stays the role's; another role may not.
    let renewed = try PostgresSchema(on: inShop).install(address: address)
    #expect(renewed.changes == [] && renewed.owner == "app" && renewed.password == installed.password)
    #expect(try inShop.query("SELECT current_user").first == "postgres")
    let refused = #expect(throws: PostgresError.self) {
      try PostgresSchema(on: other).install(address: address)
    }
    #expect(refused?.sqlState == "42501")
    #expect(refused?.error.message.contains("Sibyl belongs to the role \"app\"") == true)
    #expect(throws: PostgresError.self) { try PostgresSchema(on: other).uninstall() }

    // With a new password, sessions that connect anew use it.
    let rotated = try PostgresSchema(on: app).install(address: address, rotatesPassword: true)
    let third = try server.connect(database: "shop", user: "other")
    let wrong = #expect(throws: PostgresError.self) { try third.query("SELECT ai_sentiment('x')") }
    #expect(wrong?.sqlState == "08006" && wrong?.detail?.contains("password authentication failed") == true)
    #expect(wrong?.description.contains(rotated.password) == false)
    try administrator.query("ALTER ROLE sibyl PASSWORD '\(rotated.password)'")
    #expect(try third.query("SELECT ai_sentiment('x')").first == "ai_sentiment|x")

    // dblink is not ours and stays, and so does its schema's content.
    let removed = try PostgresSchema(on: app).uninstall()
    #expect(removed.last == "Removed the schema sibyl.")
    #expect(try inShop.query("SELECT count(*) FROM pg_extension WHERE extname = 'dblink'").first == "1")

    // An administrator who has closed dblink to the public.
    try inShop.runScript(
      "CREATE SCHEMA sibyl AUTHORIZATION app; REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC; "
        + "REVOKE USAGE ON FOREIGN DATA WRAPPER dblink_fdw FROM app")
    let closed = #expect(throws: PostgresError.self) { try PostgresSchema(on: app).install(address: address) }
    let grants = try #require(closed?.error.message.components(separatedBy: prefix).last)
    #expect(grants.components(separatedBy: "GRANT EXECUTE ON FUNCTION").count == 5)
    try inShop.runScript(grants)
    _ = try PostgresSchema(on: app).install(address: address)
    #expect(try app.query("SELECT ok FROM sibyl.health()").first != nil)
  }
}
