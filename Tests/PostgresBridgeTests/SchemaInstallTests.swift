import Diagnostics
import Foundation
import Functions
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Installing, upgrading and removing, against a real server.
@Suite(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
struct SchemaInstallTests {
  private let database: BridgeDatabase

  init() throws { database = try BridgeDatabase() }

  @Test func everyFunctionIsThereAndLabelled() throws {
    let installed = try database.install()
    #expect(installed.user == "sibyl" && installed.password.count == 64 && installed.owner == "postgres")
    #expect(installed.schema == "public" && installed.embeddingType == .realArray)
    #expect(installed.schemaVersion == PostgresSchema.latestVersion)
    for entry in Catalogue.entries where !(entry is AIAggregate) && entry.isInPostgres {
      for name in [entry.name] + entry.aliases {
        let rows = try database.connection.query(
          """
          SELECT provolatile, proparallel, procost, prosecdef, proisstrict, obj_description(oid, 'pg_proc'),
            array_to_string(proconfig, ';'), pronargs - pronargdefaults, pg_get_function_arguments(oid)
          FROM pg_proc WHERE proname = $1 AND pronamespace = 'public'::regnamespace
          """, [.text(name)])
        #expect(rows.count > 0, "\(name)")
        for row in rows.rows {
          let belongsToSession = (entry as? AIFunction)?.belongsToSession == true || entry.session != nil
          #expect(row[0] == (entry.volatility == .volatile ? "v" : "s"), "\(name)")
          #expect(row[1] == "u" && row[2] == "1000", "\(name)")
          #expect(row[5]?.isEmpty == false, "\(name)")
          if !belongsToSession {
            #expect(row[3] == "t" && row[6]?.contains("search_path=pg_catalog, pg_temp") == true, "\(name)")
            #expect(row[5]?.contains(entry.summary) == true)
          } else {
            // The query runs with the rights and the path of whoever calls.
            #expect(row[3] == "f" && row[6] == nil)
          }
          if !entry.parameters.isEmpty, entry.parameters.allSatisfy(\.isRequired) { #expect(row[4] == "t") }
        }
      }
    }
    // Array forms.
    for function in Catalogue.functions
    where function.volatility == .immutable
      && [.text, .textOrEmbedding].contains(function.parameters.first?.type)
    {
      let count = try database.value(
        "SELECT count(*) FROM pg_proc WHERE proname = $1 AND proargtypes[0] = 'text[]'::regtype",
        [.text(function.name)])
      #expect((Int(count ?? "") ?? 0) > 0, "\(function.name)")
    }
    // Every function has a comment, the internal ones too, and every one says whose it is.
    #expect(
      try database.connection.query(
        """
        SELECT p.oid::regprocedure FROM pg_proc AS p
        WHERE pronamespace IN ('sibyl'::regnamespace, 'public'::regnamespace) AND NOT EXISTS (
            SELECT FROM pg_depend WHERE objid = p.oid AND classid = 'pg_proc'::regclass AND deptype = 'e')
          AND (obj_description(p.oid, 'pg_proc') IS NULL
            OR prokind <> 'a' AND prosrc NOT LIKE E'\\n-- Part of Sibyl.%')
        """
      ).rows.isEmpty)
  }

  @Test func aggregatesAreThereAndLabelled() throws {
    try database.install()
    for aggregate in Catalogue.aggregates {
      for name in [aggregate.name] + aggregate.aliases {
        let rows = try database.connection.query(
          """
          SELECT prokind, proparallel, obj_description(p.oid, 'pg_proc'), has_function_privilege('public', p.oid, 'EXECUTE'),
            aggtransfn::regproc, aggfinalfn::regproc, has_function_privilege('public', aggfinalfn, 'EXECUTE'), pronargs
          FROM pg_proc AS p JOIN pg_aggregate ON aggfnoid = p.oid
          WHERE proname = $1 AND pronamespace = 'public'::regnamespace ORDER BY pronargs
          """, [.text(name)])
        #expect(rows.rows.map { $0[7] } == aggregate.arity.map(String.init), "\(name)")
        for row in rows.rows {
          #expect(row[0] == "a" && row[1] == "u" && row[2]?.contains(aggregate.summary) == true)
          // Everybody may aggregate, and nobody may call what is inside.
          #expect(row[3] == "t" && row[6] == "f")
          #expect(row[4] == "sibyl.\(aggregate.name)_row" && row[5] == "sibyl.\(aggregate.name)_group")
        }
      }
    }
  }

  @Test func installingAgainChangesNothing() throws {
    let first = try database.install()
    #expect(!first.changes.isEmpty)
    let contents = try database.contents()
    let second = try database.install()
    #expect(second.changes == [] && second.password == first.password)
    #expect(try database.contents() == contents)
    #expect(try database.schema.installation()?.address == BridgeDatabase.nowhere)
    #expect(try database.schema.installation()?.sibylVersion == SibylVersion.current)
  }

  @Test func addressAndPasswordCanChange() throws {
    let first = try database.install()
    let address = BridgeAddress(host: "/run/my bridge's", port: 7000, requiresTLS: true)
    let second = try database.schema.install(address: address, rotatesPassword: true)
    #expect(second.password != first.password && second.changes.count == 2)
    #expect(try database.schema.installation()?.address == address)
    let options = try database.connection.query(
      "SELECT o.* FROM pg_foreign_server, pg_options_to_table(srvoptions) AS o ORDER BY 1")
    #expect(
      options.rows == [
        ["application_name", "sibyl session"], ["connect_timeout", "5"], ["dbname", "sibyl"],
        ["gssencmode", "disable"], ["host", "/run/my bridge's"], ["port", "7000"], ["sslmode", "require"],
      ])
  }

  /// Statements may be written into the server's log, as here.
  @Test func thePasswordIsNotInTheLog() throws {
    let first = try database.install()
    let second = try database.schema.install(address: BridgeDatabase.nowhere, rotatesPassword: true)
    let log = try database.server.log()
    #expect(log.contains("CREATE USER MAPPING"))
    #expect(!log.contains(first.password) && !log.contains(second.password))
  }

  @Test func cachedAnswersSurviveAnUpgrade() throws {
    let old = try database.schema.install(
      schema: "public", address: BridgeDatabase.nowhere, rotatesPassword: false, migrations: 1)
    #expect(old.schemaVersion == 1)
    #expect(try database.value("SELECT to_regclass('sibyl.installation')") == nil)
    try database.fingerprintAll()
    try database.cache("ai_sentiment", ["good"], "positive")
    let installed = try database.install()
    #expect(installed.schemaVersion == PostgresSchema.latestVersion)
    #expect(installed.changes.contains("Brought the tables from version 1 to 5."))
    #expect(try database.value("SELECT ai_sentiment('good')") == "positive")
    #expect(
      try database.value("SELECT string_agg(name, ',' ORDER BY version) FROM sibyl.schema_version")
        == "001-cache,002-installation,003-jobs,004-columns,005-classifiers")
  }

  @Test func aNewerSchemaIsRefused() throws {
    try database.install()
    try database.connection.query("INSERT INTO sibyl.schema_version (version, name) VALUES (99, 'later')")
    let error = #expect(throws: PostgresError.self) { try database.install() }
    #expect(error?.error.message.contains("have the version 99") == true)
  }

  // MARK: Interruption

  /// Waits until another session waits for a lock, and ends it.
  private func endWaitingSession() throws {
    let watcher = try database.connect()
    for _ in 0..<500 {
      let ended = try watcher.query(
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
        """
      ).first
      if ended == "1" { return }
      usleep(10_000)
    }
    Issue.record("no session waits")
  }

  /// Makes an installation wait behind most of its work and ends its session there.
  private func interruptInstallation() throws {
    try database.connection.query("BEGIN")
    try database.connection.query("CREATE SERVER sibyl_bridge FOREIGN DATA WRAPPER dblink_fdw")
    let outcome = installInBackground()
    try endWaitingSession()
    let error = try #require(outcome.wait())
    #expect(error?.isConnectionLost == true && error?.sqlState == "57P01")
    try database.connection.query("ROLLBACK")
  }

  private func installInBackground() -> Background<PostgresError?> {
    let dsn = database.server.dsn(database: database.name)
    return Background {
      do throws(PostgresError) {
        let connection = try PostgresConnection(PostgresDSN(dsn))
        _ = try PostgresSchema(on: connection).install(address: BridgeDatabase.nowhere)
        return nil
      } catch {
        return error
      }
    }
  }

  @Test func anInterruptedInstallationLeavesNothing() throws {
    try database.connection.query("CREATE EXTENSION dblink")
    let contents = try database.contents()
    try interruptInstallation()
    #expect(try database.contents() == contents)
    try database.install()
    #expect(try database.value("SELECT to_regprocedure('ai_sentiment(text)') IS NOT NULL") == "t")
  }

  @Test func anInterruptedUpgradeLeavesTheOldVersion() throws {
    _ = try database.schema.install(
      schema: "public", address: BridgeDatabase.nowhere, rotatesPassword: false, migrations: 1)
    try database.fingerprintAll()
    try database.cache("ai_sentiment", ["good"], "positive")
    let contents = try database.contents()
    try interruptInstallation()
    #expect(try database.contents() == contents)
    #expect(try database.value("SELECT max(version) FROM sibyl.schema_version") == "1")
    try database.install()
    #expect(try database.value("SELECT ai_sentiment('good')") == "positive")
  }

  @Test func installationsAtTheSameTimeWaitForEachOther() throws {
    let outcomes = (0..<4).map { _ in installInBackground() }
    for outcome in outcomes { #expect(try #require(outcome.wait()) == nil) }
    #expect(try database.install().changes == [])
  }

  // MARK: Schemas and conflicts

  @Test func anotherSchemaAndMovingLater() throws {
    try database.connection.runScript("CREATE SCHEMA \"My Schema\"; CREATE SCHEMA other")
    try database.install(schema: "My Schema")
    try database.fingerprintAll()
    try database.cache("ai_sentiment", ["good"], "positive")
    #expect(try database.value("SELECT \"My Schema\".ai_sentiment('good')") == "positive")
    #expect(try database.value("SELECT to_regprocedure('public.ai_sentiment(text)')") == nil)
    try database.connection.query("CREATE VIEW v AS SELECT \"My Schema\".ai_sentiment('good') AS mood")
    // An administrator's decisions about rights stay.
    try database.connection.query("REVOKE ALL ON FUNCTION \"My Schema\".ai_models() FROM PUBLIC")

    let moved = try database.install(schema: "other")
    #expect(moved.changes.contains("Moved the functions from the schema My Schema to other."))
    #expect(try database.value("SELECT to_regprocedure('\"My Schema\".ai_sentiment(text)')") == nil)
    #expect(try database.value("SELECT other.ai_sentiment('good')") == "positive")
    #expect(try database.value("SELECT mood FROM v") == "positive")
    #expect(
      try database.value("SELECT has_function_privilege('public', 'other.ai_models()', 'EXECUTE')") == "f")
    #expect(
      try database.value("SELECT has_function_privilege('public', 'other.ai_embed(text,text)', 'EXECUTE')")
        == "t")
    #expect(try database.install(schema: "other").changes == [])
  }

  @Test(arguments: [
    ("nowhere", "3F000", "CREATE SCHEMA \"nowhere\""), ("sibyl", "22023", "another purpose"),
    ("pg_catalog", "22023", "another purpose"), ("", "22023", "needs a schema's name"),
  ]) func schemasThatCanNotBe(schema: String, sqlState: String, words: String) throws {
    let contents = try database.contents()
    let error = #expect(throws: PostgresError.self) { try database.install(schema: schema) }
    #expect(error?.sqlState == sqlState && error?.error.message.contains(words) == true)
    #expect(try database.contents() == contents)
  }

  @Test func functionsOfAUserAreNotOverwritten() throws {
    try database.connection.query(
      "CREATE FUNCTION public.ai_sentiment(text) RETURNS text LANGUAGE sql AS $$SELECT 'mine'$$")
    let contents = try database.contents()
    let error = #expect(throws: PostgresError.self) { try database.install() }
    #expect(
      error?.sqlState == "42723"
        && error?.error.message.hasPrefix(
          "public.ai_sentiment(text) is there already, and Sibyl did not make it")
          == true
    )
    #expect(try database.contents() == contents)
    // In another schema there is no conflict, and moving into one is none of ours either.
    try database.connection.query("CREATE SCHEMA ai")
    try database.install(schema: "ai")
    #expect(throws: PostgresError.self) { try database.install(schema: "public") }
    #expect(try database.value("SELECT public.ai_sentiment('x')") == "mine")
    #expect(try database.schema.installation()?.schema == "ai")
  }

  @Test func aSchemaOfTheSameNameIsNotTaken() throws {
    try database.connection.runScript("CREATE SCHEMA sibyl; CREATE TABLE sibyl.mine (a int)")
    let error = #expect(throws: PostgresError.self) { try database.install() }
    #expect(error?.sqlState == "42P06" && error?.error.message.contains("are not Sibyl's") == true)
    try database.connection.runScript("DROP TABLE sibyl.mine")
    // An empty one may have been made for us.
    try database.install()
  }

  @Test func aForeignServerOfTheSameNameIsNotTaken() throws {
    try database.connection.runScript(
      "CREATE EXTENSION postgres_fdw; CREATE SERVER sibyl_bridge FOREIGN DATA WRAPPER postgres_fdw")
    let error = #expect(throws: PostgresError.self) { try database.install() }
    #expect(error?.sqlState == "42710" && error?.error.message.contains("ALTER SERVER") == true)
    #expect(try database.value("SELECT to_regnamespace('sibyl')") == nil)
  }

  @Test func dblinkElsewhereIsUsed() throws {
    try database.connection.runScript("CREATE SCHEMA extensions; CREATE EXTENSION dblink SCHEMA extensions")
    try database.install()
    let error = #expect(throws: PostgresError.self) { try database.value("SELECT ai_sentiment('x')") }
    #expect(error?.sqlState == "08006")
    _ = try database.schema.uninstall()
    #expect(try database.value("SELECT count(*) FROM pg_extension WHERE extname = 'dblink'") == "1")
  }

  // MARK: Upgrades of functions

  @Test func obsoleteFunctionsGoUnlessTheyAreNeeded() throws {
    try database.install()
    try database.connection.runScript(
      """
      CREATE FUNCTION ai_old() RETURNS int LANGUAGE plpgsql AS $$
      -- Part of Sibyl. Made from its catalogue.
      BEGIN RETURN 1; END $$;
      CREATE FUNCTION ai_older() RETURNS int LANGUAGE plpgsql AS $$
      -- Part of Sibyl. Made from its catalogue.
      BEGIN RETURN 1; END $$;
      CREATE VIEW needs_it AS SELECT ai_older() AS a
      """)
    let changes = try database.install().changes
    #expect(changes.contains("Removed public.ai_old(), which this version does not have."))
    #expect(
      changes.contains { $0.hasPrefix("Kept public.ai_older(), which this version does not have: view") })
    #expect(try database.value("SELECT to_regprocedure('ai_old()')") == nil)
    #expect(try database.value("SELECT a FROM needs_it") == "1")
  }

  @Test func aFunctionGetsAnotherType() throws {
    try database.install()
    let make = """
      DROP FUNCTION ai_sentiment(text);
      CREATE FUNCTION ai_sentiment(body text) RETURNS int LANGUAGE plpgsql AS $$
      -- Part of Sibyl. Made from its catalogue.
      BEGIN RETURN 1; END $$
      """
    try database.connection.runScript(make)
    #expect(try database.install().changes.contains("Replaced public.ai_sentiment(text)."))
    try database.connection.runScript(make + "; CREATE VIEW v AS SELECT ai_sentiment('a') AS a")
    let error = #expect(throws: PostgresError.self) { try database.install() }
    #expect(error?.sqlState == "2BP01" && error?.detail?.contains("view public.v depends on") == true)
    #expect(error?.error.message.hasPrefix("public.ai_sentiment(text) gets another type") == true)
  }

  @Test func viewsSurviveAnUpgrade() throws {
    try database.install()
    try database.fingerprintAll()
    try database.cache("ai_sentiment", ["good"], "positive")
    try database.connection.query(
      "CREATE VIEW v AS SELECT ai_sentiment('good') AS mood, * FROM sibyl.health()")
    // As an older version of the function.
    try database.connection.query("ALTER FUNCTION ai_sentiment(text) COST 5")
    #expect(try database.install().changes == ["Replaced public.ai_sentiment(text)."])
    #expect(try database.value("SELECT mood FROM v") == "positive")
  }

  // MARK: Uninstalling

  @Test func uninstallingLeavesWhatWasThere() throws {
    try database.connection.runScript(
      """
      CREATE TABLE public.t (a int); CREATE FUNCTION ai_mine(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
      CREATE EXTENSION pg_trgm
      """)
    let contents = try database.contents()
    #expect(try database.schema.uninstall() == [])
    try database.install()
    #expect(try database.contents() != contents)
    let removed = try database.schema.uninstall()
    #expect(removed.contains("Removed the extension dblink.") && removed.last == "Removed the schema sibyl.")
    #expect(try database.contents() == contents)
    #expect(try database.schema.uninstall() == [])
    // And again from the start.
    try database.install()
  }

  @Test func whatDependsOnUsIsToldOrGoes() throws {
    try database.install()
    try database.connection.runScript(
      """
      CREATE TABLE t (body text); CREATE VIEW moods AS SELECT ai_sentiment(body) FROM t;
      CREATE VIEW watch AS SELECT version FROM sibyl.status
      """)
    let contents = try database.contents()
    let error = #expect(throws: PostgresError.self) { try database.schema.uninstall() }
    #expect(error?.sqlState == "2BP01" && error?.detail?.contains("view public.watch depends on") == true)
    #expect(error?.error.message.hasPrefix("other objects depend on Sibyl's") == true)
    #expect(try database.contents() == contents)
    _ = try database.schema.uninstall(cascade: true)
    #expect(try database.value("SELECT to_regclass('moods')") == nil)
    #expect(try database.value("SELECT to_regclass('t')") == "t")
    #expect(try database.value("SELECT to_regnamespace('sibyl')") == nil)
  }

  @Test func whatAUserPutIntoOurSchemaIsNotDropped() throws {
    try database.install()
    try database.connection.query("CREATE TABLE sibyl.mine (a int)")
    let error = #expect(throws: PostgresError.self) { try database.schema.uninstall() }
    #expect(error?.sqlState == "2BP01" && error?.detail?.contains("sibyl.mine") == true)
    #expect(try database.value("SELECT to_regprocedure('ai_sentiment(text)') IS NOT NULL") == "t")
  }

  @Test func dblinkThatOthersNeedStays() throws {
    try database.install()
    try database.connection.query("CREATE SERVER theirs FOREIGN DATA WRAPPER dblink_fdw")
    let removed = try database.schema.uninstall()
    #expect(removed.contains("Moved the extension dblink, which others use, to the schema public."))
    #expect(try database.value("SELECT srvname FROM pg_foreign_server") == "theirs")
  }

  @Test func aDatabaseInAnotherEncodingIsRefused() throws {
    let latin = try BridgeDatabase(encoding: "LATIN1")
    let error = #expect(throws: PostgresError.self) { try latin.install() }
    #expect(error?.sqlState == "0A000" && error?.error.message.contains("LATIN1: make one with") == true)
  }
}
