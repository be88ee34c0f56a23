import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// What users may do who own nothing, and what not.
@Suite(.endToEnd) struct BridgeRightsTests {
  /// A user who may only log in calls everything.
  private func expectCallsWork(_ connection: PostgresConnection) throws {
    let calls = [
      ("ai_sentiment('What a lovely lamp')", "positive"),
      ("ai_sentiment(ARRAY['What a lovely lamp', NULL, 'What an awful lamp'])", "{positive,NULL,negative}"),
      ("ai_sentiment_score('What a lovely lamp') > 0.5", "t"),
      ("ai_classify('I was charged twice', ARRAY['billing', 'shipping'])", "billing"),
      ("ai_classify('I was charged twice', '[\"billing\", \"shipping\"]')", "billing"),
      (
        "ai_classify('I was charged twice', '[\"billing\", \"shipping\"]'::jsonb, '{\"min_confidence\":0}')",
        "billing"
      ),
      ("cardinality(ai_embed('a lamp'))", "384"),
      ("array_dims(ai_embed(ARRAY['a lamp', 'a mat']))", "[1:2][1:384]"),
      ("ai_score('I want my money back', 'refund') > 0.1", "t"),
      ("round(ai_similarity('a lamp', ai_embed('a lamp'))::numeric, 3)", "1.000"),
      ("ai_count_tokens('Hello, world!')", "4"), ("ai_version() LIKE 'sibyl %'", "t"),
      ("ai_config('embedding_model')", "minilm"), ("jsonb_typeof(ai_cache_stats())", "object"),
      ("(SELECT count(*) FROM ai_chunk('It broke. Who can help?', 4))", "2"),
      ("(SELECT count(*) > 5 FROM ai_functions())", "t"),
      ("(SELECT state FROM ai_models() WHERE name = 'minilm')", "ready"),
      ("ai_prefetch('SELECT ''a mat''', 'ai_sentiment') ->> 'distinct'", "1"),
      ("(SELECT ok FROM sibyl.health())", "t"), ("(SELECT count(*) FROM sibyl.status)", "1"),
    ]
    for (call, answer) in calls { #expect(try connection.value("SELECT \(call)") == answer, "\(call)") }
  }

  @Test func aUserWithoutRights() throws {
    let bed = try EndToEnd.shared.get()
    let user = try bed.role("reader")
    let connection = try bed.connect(as: user)
    #expect(try connection.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "f")
    try expectCallsWork(connection)

    let refused = [
      "SELECT ai_config('embedding_model', 'minilm')", "SELECT ai_config('threads', NULL)",
      "SELECT * FROM sibyl.cache", "SELECT count(*) FROM sibyl.cache", "DELETE FROM sibyl.cache",
      "INSERT INTO sibyl.cache (key, answer) VALUES ('\\x00', 'mine')", "TRUNCATE sibyl.cache",
      "SELECT * FROM sibyl.function", "UPDATE sibyl.function SET fingerprint = sha256('')",
      "SELECT * FROM sibyl.installation", "SELECT * FROM sibyl.schema_version",
      "SELECT sibyl.call('ai_config', ', ''threads'', ''1''', NULL)", "SELECT sibyl.connect()",
      "SELECT (sibyl.answers('ai_sentiment', ARRAY['x'], '', '', '', ')', NULL, NULL)).answers",
      "SELECT sibyl.address()",
      "SELECT sibyl.prefetch_arguments('ai_embed', '{}')",
      "SELECT sibyl.dblink('sibyl', 'SELECT 1')", "SELECT sibyl.dblink_connect('mine', 'sibyl_bridge')",
      "SELECT sibyl.dblink_exec('sibyl', 'SELECT 1')", "SELECT sibyl.dblink_get_connections()",
      "SELECT umoptions FROM pg_user_mapping", "CREATE USER MAPPING FOR CURRENT_USER SERVER sibyl_bridge",
      "ALTER SERVER sibyl_bridge OPTIONS (SET port '1')", "DROP SERVER sibyl_bridge CASCADE",
      "CREATE OR REPLACE FUNCTION public.ai_version() RETURNS text LANGUAGE sql AS 'SELECT 1'",
      "DROP FUNCTION public.ai_version()", "CREATE TABLE sibyl.mine (a int)", "DROP SCHEMA sibyl CASCADE",
      "SELECT lo_export(1, '/tmp/x')",
    ]
    for statement in refused {
      #expect(connection.failure(statement)?.sqlState == "42501", "\(statement)")
    }
    // The mapping's options, the password among them, are shown to its owner only.
    #expect(
      try connection.value("SELECT count(umoptions) FROM pg_user_mappings WHERE srvname = 'sibyl_bridge'")
        == "0")
    #expect(
      try bed.connect().value("SELECT count(umoptions) FROM pg_user_mappings WHERE srvname = 'sibyl_bridge'")
        == "1")
    // Nor may it be read through a prefetch, which runs with the rights of whoever calls.
    #expect(
      connection.failure("SELECT ai_prefetch('SELECT answer FROM sibyl.cache', 'ai_sentiment')")?.sqlState
        == "42501")
    #expect(
      try connection.value("SELECT ai_prefetch('SELECT current_user', 'ai_sentiment') ->> 'calls'") == "1")
    // The owner may change what belongs to all.
    #expect(try bed.connect().value("SELECT ai_config('embedding_model', 'minilm')") == "minilm")
    #expect(try connection.value("SELECT ai_sentiment('What a lovely lamp')") == "positive")
  }

  /// Objects of a user's own, of the same names as what the functions use, stand in nobody's way.
  @Test func aSearchPathFullOfTraps() throws {
    let bed = try EndToEnd.shared.get()
    let user = try bed.role("trapper")
    let admin = try bed.connect()
    try admin.runScript("CREATE SCHEMA IF NOT EXISTS traps; GRANT ALL ON SCHEMA traps TO \(user)")
    let connection = try bed.connect(as: user)
    try connection.runScript(
      """
      CREATE TABLE traps.caught (who name, what text);
      GRANT INSERT ON traps.caught TO PUBLIC;
      CREATE FUNCTION traps.catch(what text) RETURNS text LANGUAGE plpgsql AS
        $$BEGIN INSERT INTO traps.caught VALUES (current_user, what); RETURN what; END$$;
      CREATE FUNCTION traps.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$SELECT traps.catch('format')$$;
      CREATE FUNCTION traps.format(text, text) RETURNS text LANGUAGE sql AS $$SELECT traps.catch('format2')$$;
      CREATE FUNCTION traps.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT traps.catch('sha256')::bytea$$;
      CREATE FUNCTION traps.concat(VARIADIC text[]) RETURNS text LANGUAGE sql AS $$SELECT traps.catch('concat')$$;
      CREATE FUNCTION traps.rtrim(text, text) RETURNS text LANGUAGE sql AS $$SELECT traps.catch('rtrim')$$;
      CREATE FUNCTION traps.octet_length(text) RETURNS int LANGUAGE sql AS $$SELECT length(traps.catch('octet_length'))$$;
      CREATE FUNCTION traps.join(bytea, bytea) RETURNS bytea LANGUAGE sql AS $$SELECT traps.catch('||')::bytea$$;
      CREATE OPERATOR traps.|| (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = traps.join);
      CREATE FUNCTION traps.more(bigint, bigint) RETURNS bigint LANGUAGE sql AS $$SELECT length(traps.catch('+'))::bigint$$;
      CREATE OPERATOR traps.+ (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = traps.more);
      CREATE TEMPORARY TABLE cache (key bytea, answer text);
      CREATE TEMPORARY TABLE function (name text, fingerprint bytea);
      CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (traps.catch('text') IS NULL);
      SET search_path = traps, pg_temp, pg_catalog, public;
      """)
    try expectCallsWork(connection)
    #expect(try connection.value("SELECT count(*) FROM traps.caught WHERE who <> 'trapper'") == "0")
    #expect(try connection.value("SELECT count(*) FROM traps.caught") == "0")
  }

  /// On a managed database nobody is a superuser: an administrator makes dblink once, and an ordinary role owns
  /// the rest.
  @Test func anOwnerWithoutSuperuserRights() throws {
    let server = try ThrowawayPostgres.shared.get()
    let database = try server.makeDatabase()
    let admin = try server.connect(database: database)
    _ = try? admin.query("CREATE ROLE bridge_owner LOGIN")
    let folder = FileManager.default.temporaryDirectory.path + "/sibyl-owner-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dsn = server.dsn(database: database, user: "bridge_owner")
    func refusal() throws -> String? {
      do {
        _ = try BridgeProcess(dsn: dsn, cache: folder + "/cache.sqlite3")
        return nil
      } catch let failure as ChildProcess.Failure {
        return failure.description
      }
    }
    // It says what the administrator has to run, and that is enough.
    let reason = try #require(try refusal())
    #expect(reason.contains("an administrator has to run in the database \"\(database)\": "))
    let statements = try #require(reason.firstMatch(of: #/has to run in the database "\w+": (.*;)/#)).output.1
    try admin.runScript(String(statements))
    let bridge = try BridgeProcess(dsn: dsn, cache: folder + "/cache.sqlite3")
    try expectCallsWork(try server.connect(database: database, user: "bridge_owner"))
    _ = try? admin.query("CREATE ROLE reader LOGIN")
    let reader = try server.connect(database: database, user: "reader")
    try expectCallsWork(reader)
    #expect(reader.failure("SELECT * FROM sibyl.cache")?.sqlState == "42501")
    #expect(bridge.end().status == 0)
  }
}
