import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Aggregate functions in the database, with a stand-in for the bridge.
@Suite(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
struct SchemaAggregateTests {
  private let database: BridgeDatabase
  private let bridge: StandInBridge

  init() throws {
    database = try BridgeDatabase()
    bridge = try StandInBridge(on: database.server)
    try database.install(address: bridge.address)
    try database.fingerprintAll()
  }

  private func values(_ sql: String, _ parameters: [PostgresParameter] = []) throws -> [String?] {
    try database.connection.query(sql, parameters).rows.flatMap { $0 }
  }

  /// A text that no other test asks about.
  private func unique(_ text: String) -> String { "\(text) of \(database.name)." }

  /// A group is one call, with its texts as one array, in their order and without NULLs.
  @Test func aGroupIsOneCall() throws {
    let what = unique("why")
    let groups = try values(
      """
      SELECT g, ai_agg(body, $1 ORDER BY body DESC) IS NOT NULL FROM (VALUES
        (1, 'a, "b"'), (1, NULL), (1, 'c'), (2, '{}'), (3, NULL)) AS t (g, body) GROUP BY g ORDER BY g
      """, [.text(what)])
    #expect(groups == ["1", "t", "2", "t", "3", "f"])
    #expect(
      try Set(bridge.asked(what)) == [
        #"ai_agg|{c,"a, \"b\""}|\#(what)|NULL"#, #"ai_agg|{"{}"}|\#(what)|NULL"#,
      ])
    _ = try values(
      "SELECT ai_agg(body, $1, '{\"b\":1, \"a\":2}') FROM (VALUES ('x')) AS t (body)", [.text(what)])
    #expect(try bridge.asked(what).last == #"ai_agg|{x}|\#(what)|{"a": 2, "b": 1}"#)
  }

  @Test func nothingIsAskedWithoutATextOrAnInstruction() throws {
    let what = unique("nothing")
    #expect(try values("SELECT ai_agg(NULL, $1) IS NULL", [.text(what)]) == ["t"])
    #expect(
      try values("SELECT ai_agg(body, $1) IS NULL FROM (SELECT '' AS body) AS t WHERE false", [.text(what)])
        == ["t"])
    #expect(try values("SELECT ai_agg($1, NULL) IS NULL", [.text(what)]) == ["t"])
    #expect(try bridge.asked(what).isEmpty)
  }

  @Test func cachedAnswersTakeNoBridge() throws {
    let what = unique("cached")
    try database.cache("ai_agg", [.texts(["é", "", "b,c"]), .text(what), .null], "known")
    let call = "SELECT ai_agg(body, $1) FROM unnest(ARRAY['é', '', NULL, 'b,c']) AS t (body)"
    #expect(try values(call, [.text(what)]) == ["known"])
    #expect(try bridge.asked(what).isEmpty)
    // The order, the options and the number of rows are part of the question.
    _ = try values("SELECT ai_agg(body, $1) FROM unnest(ARRAY['', 'é', 'b,c']) AS t (body)", [.text(what)])
    _ = try values(
      "SELECT ai_agg(body, $1, '{}') FROM unnest(ARRAY['é', '', 'b,c']) AS t (body)", [.text(what)])
    #expect(try bridge.asked(what).count == 2)
  }

  @Test func theInstructionIsTheSameForAGroup() throws {
    let error = #expect(throws: PostgresError.self) {
      try values("SELECT ai_agg('a', i) FROM (VALUES ('x'), ('y')) AS t (i)")
    }
    #expect(
      error?.error.message.contains(
        "ai_agg: argument 2 (instruction) must be the same for every row of a group") == true)
    #expect(error?.sqlState == "22023")
    let options = #expect(throws: PostgresError.self) {
      try values("SELECT ai_agg('a', 'x', o::jsonb) FROM (VALUES ('{}'), (NULL)) AS t (o)")
    }
    #expect(options?.error.message.contains("argument 3 (options)") == true)
  }

  /// `sibyl run` gathers scalar calls; groups are left to the statement itself.
  @Test func groupsAreNotAskedWhileCollecting() throws {
    let what = unique("collected")
    try database.connection.runScript("BEGIN; SET LOCAL sibyl.collect = on")
    #expect(try values("SELECT ai_agg('a', $1) IS NULL", [.text(what)]) == ["t"])
    try database.connection.runScript("ROLLBACK")
    #expect(try bridge.asked(what).isEmpty)
    #expect(try values("SELECT ai_agg('a', $1) IS NULL", [.text(what)]) == ["f"])
  }

  /// Everybody may aggregate, with nothing but the right to call the aggregate.
  @Test func anybodyMayAggregate() throws {
    let user = try database.role("aggregator")
    let session = try database.connect(as: user)
    let what = unique("anybody")
    #expect(try session.query("SELECT ai_agg('a', $1) IS NOT NULL", [.text(what)]).first == "t")
    for call in ["sibyl.ai_agg(ARRAY['a'], 'x')", "sibyl.ai_agg_group(ARRAY['x', NULL, 'a'])"] {
      let error = #expect(throws: PostgresError.self) { try session.query("SELECT \(call)") }
      #expect(error?.sqlState == "42501", "\(call)")
    }
  }

  @Test func manyRowsAreOneGroup() throws {
    let what = unique("many")
    #expect(
      try values(
        "SELECT ai_agg('row ' || n, $1) IS NOT NULL FROM generate_series(1, 5000) AS n", [.text(what)]) == [
          "t"
        ])
    let asked = try bridge.asked(what)
    #expect(asked.count == 1 && asked[0].components(separatedBy: "row ").count == 5_001)
  }

  // MARK: Installing

  @Test func anUpgradeReplacesAndRemovesAggregates() throws {
    // As an older version might have had it: of another type, and one that is gone.
    try database.connection.runScript(
      """
      DROP AGGREGATE ai_agg(text, text);
      CREATE AGGREGATE ai_agg(text, text) (
        SFUNC = sibyl.ai_agg_row, STYPE = text[], FINALFUNC = sibyl.ai_summarize_agg_group);
      CREATE AGGREGATE ai_old_agg(text) (
        SFUNC = sibyl.ai_summarize_agg_row, STYPE = text[], FINALFUNC = sibyl.ai_summarize_agg_group);
      CREATE AGGREGATE users_own_agg(text) (SFUNC = textcat, STYPE = text)
      """)
    let installed = try database.install(address: bridge.address)
    #expect(installed.changes.contains("Replaced public.ai_agg(text, text)."))
    #expect(installed.changes.contains("Removed public.ai_old_agg(text), which this version does not have."))
    #expect(
      try values("SELECT aggfinalfn FROM pg_aggregate WHERE aggfnoid = 'ai_agg(text, text)'::regprocedure")
        == ["sibyl.ai_agg_group"])
    #expect(try database.value("SELECT to_regprocedure('users_own_agg(text)') IS NOT NULL") == "t")
  }

  @Test func aggregatesMoveAndGo() throws {
    try database.connection.query("CREATE SCHEMA elsewhere")
    try database.install(schema: "elsewhere", address: bridge.address)
    #expect(try database.value("SELECT to_regprocedure('public.ai_agg(text, text)') IS NULL") == "t")
    let what = unique("moved")
    #expect(try values("SELECT elsewhere.ai_agg('a', $1) IS NOT NULL", [.text(what)]) == ["t"])
    _ = try database.schema.uninstall()
    #expect(
      try database.value(
        "SELECT count(*) FROM pg_proc WHERE proname LIKE 'ai%' AND pronamespace <> 'pg_catalog'::regnamespace"
      ) == "0")
  }

  @Test func aUsersAggregateIsNotOverwritten() throws {
    _ = try database.schema.uninstall()
    try database.connection.runScript(
      """
      CREATE FUNCTION join_two(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT concat($1, $2, $3)';
      CREATE AGGREGATE ai_agg(text, text) (SFUNC = join_two, STYPE = text)
      """)
    let error = #expect(throws: PostgresError.self) { try database.install() }
    #expect(error?.error.message.contains("public.ai_agg(text, text) is there already") == true)
    #expect(try database.value("SELECT ai_agg(x, 'b') FROM (VALUES ('a')) AS t (x)") == "ab")
  }
}
