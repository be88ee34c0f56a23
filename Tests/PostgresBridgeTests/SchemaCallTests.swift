import Diagnostics
import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// The way to the bridge, with a stand-in for it at the other end.
@Suite(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
struct SchemaCallTests {
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

  // MARK: Calls and answers

  @Test func callsAreSentAsTheyWereMade() throws {
    let text = unique("a")
    for (call, asked, answer) in [
      ("ai_sentiment($1)", "ai_sentiment|\(text)", "ai_sentiment|\(text)"),
      ("ai_classify($1, '[\"x\",\"y\"]')", "ai_classify|\(text)|[\"x\", \"y\"]|NULL", nil),
      (
        "ai_classify($1, ARRAY['x','y'], '{\"b\":1,\"a\":2}')",
        "ai_classify|\(text)|[\"x\", \"y\"]|{\"a\": 2, \"b\": 1}", nil
      ),
      ("ai_classify($1, 'no json')", "ai_classify|\(text)|no json|NULL", "ai_classify|\(text)|no json"),
      ("ai_embed($1)", "ai_embed|\(text)|NULL", "{\(text.count),0.5,-1e-07}"),
      ("ai_embed($1, 'big')", "ai_embed|\(text)|big", nil),
      ("ai_similarity($1, '{0.1,2}'::real[])", "ai_similarity|\(text)|{0.1,2}", "\(Double(text.count) / 8)"),
      ("ai_count_tokens($1)", "ai_count_tokens|\(text)|NULL", "\(text.count)"),
      ("ai_config($1)", "ai_config|\(text)|NULL", "ai_config|\(text)"),
      ("ai_config($1, 'on')", "ai_config|\(text)|on", nil),
    ] as [(String, String, String?)] {
      let found = try database.value("SELECT \(call)", [.text(text)])
      #expect(try bridge.asked(text).last == asked, "\(call)")
      if let answer {
        #expect(
          found.map { Double($0) ?? 0 } == Double(answer) ?? 0 && (Double(answer) != nil || found == answer))
      }
    }
    #expect(try database.value("SELECT ai_cache_stats() ->> 'hits'") == "5")
    #expect(try database.value("SELECT ai_version()") == "ai_version")
    #expect(try values("SELECT ai_sentiment($1) IS NULL", [.text(unique("null"))]) == ["t"])
  }

  /// Whatever the argument, it is an argument.
  @Test(arguments: ["on", "off"]) func nothingInAnArgumentHasAMeaning(conforming: String) throws {
    try database.connection.query("SET standard_conforming_strings = \(conforming)")
    let texts = [
      "'); DROP TABLE asked; --", "\\'; DROP TABLE asked; --", "' || version() || '", "$$; $sibyl$",
      "%L %s %I",
      "\\", "\\\\'", "{\"a\",NULL}", "NULL", "a\u{301}'", "\u{1}\n\t", "E'\\x'", "--", "/*", "'::text[]",
      "\u{FEFF}",
    ].map { unique($0) }
    for text in texts {
      #expect(try database.value("SELECT ai_sentiment($1)", [.text(text)]) == "ai_sentiment|" + text)
      // What begins like JSON is read as JSON.
      guard text.first != "{" else { continue }
      #expect(
        try database.value(
          "SELECT ai_classify('a', $1, jsonb_build_object($1::text, $1::text))", [.text(text)])?
          .hasPrefix("ai_classify|a|" + text + "|{") == true)
    }
    #expect(
      try values("SELECT unnest(ai_sentiment($1))", [.texts(texts + [nil])])
        == texts.map { "ai_sentiment|" + $0 } + [nil])
    #expect(
      try values("SELECT text FROM ai_chunk($1, 5) LIMIT 1", [.text(texts[0])]) == ["piece 1"])
    #expect(try bridge.asked("asked; --").isEmpty == false)
  }

  /// Not simply `unnest(ai_sentiment($1))`: to guess the number of rows, the planner would make the call,
  /// too, as it may with a stable function of constants. The second time, a real bridge has put the answers
  /// into the cache.
  private static let moods =
    "SELECT mood FROM (SELECT ai_sentiment($1) AS moods OFFSET 0) AS m, unnest(m.moods) AS mood"

  @Test func arraysSendEachMissingTextOnce() throws {
    let texts = (0..<2_500).map { unique("number \($0)") }
    try database.cache("ai_sentiment", [texts[7]], "cached")
    let asked = texts + texts.reversed() + [nil, texts[7]]
    let answers = try values(Self.moods, [.texts(asked)])
    #expect(
      answers == asked.map { text in text.map { $0 == texts[7] ? "cached" : "ai_sentiment|" + $0 } })
    let calls = try bridge.asked(unique("number 1234")) + bridge.asked(unique("number 0"))
    #expect(calls.allSatisfy { $0.components(separatedBy: "number ").count <= 1_001 })
    let parts = try bridge.asked(" of \(database.name).").map { "\($0.prefix(40)) \($0.utf8.count)" }
    #expect(parts.count == 3, "\(parts)")
    #expect(try bridge.asked(texts[7] + "\"").isEmpty)
  }

  @Test func largeTextsAreSentInParts() throws {
    let texts = (0..<6).map { unique("\($0)" + String(repeating: "x", count: 500_000)) }
    let lengths = try values("SELECT length(mood) FROM (\(Self.moods)) AS m", [.texts(texts)])
    #expect(lengths == texts.map { String($0.count + "ai_sentiment|".count) })
    let parts = try bridge.asked(" of \(database.name).").map { "\($0.prefix(40)) \($0.utf8.count)" }
    #expect(parts.count == 3, "\(parts)")
  }

  @Test func tables() throws {
    let text = unique("abc")
    #expect(
      try database.connection.query(
        "SELECT position, text, start, length FROM ai_chunk($1, max_tokens => 9) LIMIT 3", [.text(text)]
      ).rows == [["0", "piece 1", "10", "9"], ["1", "piece 2", "20", "9"], ["2", "piece 3", "30", "9"]])
    #expect(try values("SELECT count(*) FROM ai_chunk($1)", [.text(text)]) == ["\(text.count)"])
    #expect(try bridge.asked(text).last == "ai_chunk|\(text)|254|0")
    #expect(try values("SELECT * FROM ai_chunk('')") == [])
    #expect(
      try database.connection.query(
        "SELECT name, returns, examples, jsonb_typeof(examples), kind FROM ai_functions()"
      )
      .rows == [["a", "text", "[1, 2]", "array", "scalar"], ["b", nil, "[3]", "array", "table"]])
    #expect(
      try values("SELECT c.text FROM (VALUES ('a'), ('bc')) AS t (body), ai_chunk(t.body) AS c ORDER BY 1")
        == ["piece 1", "piece 1", "piece 2"])
  }

  // MARK: Waiting, cancelling

  @Test func longCallsAreWaitedFor() throws {
    let text = unique("slow 300")
    #expect(try database.value("SELECT ai_sentiment($1)", [.text(text)]) == "ai_sentiment|" + text)
    #expect(try bridge.asked(text).count == 1)
    let texts = [text, unique("b"), text]
    #expect(
      try values("SELECT unnest(ai_sentiment($1))", [.texts(texts)]) == texts.map { "ai_sentiment|" + $0 })
  }

  @Test(arguments: ["cancel", "timeout"]) func aCancelledQueryAsksNoMore(way: String) throws {
    let text = unique("slow 60000 \(way)")
    if way == "timeout" {
      try database.connection.query("SET statement_timeout = '300ms'")
    } else {
      let canceller = try #require(database.connection.canceller())
      let server = database.server
      _ = Background<Bool> {
        guard let bridge = try? StandInBridge(on: server) else { return false }
        for _ in 0..<1_000 where (try? bridge.millisecondsSinceLastAsked(text)) ?? nil == nil {
          usleep(10_000)
        }
        usleep(150_000)
        return canceller.cancel()
      }
    }
    let error = #expect(throws: PostgresError.self) {
      try database.value("SELECT ai_sentiment($1)", [.text(text)])
    }
    #expect(error?.sqlState == "57014" && error?.error.kind == .cancelled)
    // The ticket is given up: once the question that was under way has ended, nobody asks any more.
    usleep(500_000)
    let first = try #require(try bridge.lastAsked(text))
    usleep(300_000)
    #expect(try bridge.lastAsked(text) == first)
    // The session goes on, over the same connection.
    try database.connection.query("SET statement_timeout = 0")
    #expect(
      try database.value("SELECT ai_sentiment($1)", [.text(unique("b"))]) == "ai_sentiment|" + unique("b"))
  }

  // MARK: Errors

  @Test func errorsOfTheBridgeArePassedOn() throws {
    for code in ["22023", "57014", "XX000", "53400", "P0001"] {
      let text = unique("fail \(code)")
      for call in [
        "ai_sentiment($1)", "ai_sentiment(ARRAY['x', $1])",
        "(SELECT text FROM ai_chunk('ab') WHERE ai_sentiment($1) = text)",
      ] {
        let error = #expect(throws: PostgresError.self) {
          try database.value("SELECT \(call)", [.text(text)])
        }
        #expect(error?.sqlState == code && error?.error.message == "ai_sentiment: does not like \(text)")
        #expect(error?.detail == "because" && error?.hint == "try another")
      }
      // Once each, even for internal errors.
      #expect(try bridge.asked("ai_sentiment|" + text).count == 2)
    }
    // An error can be caught, and the connection is the same as before.
    try database.connection.runScript(
      "DO $$BEGIN PERFORM ai_sentiment('fail 22023 x'); EXCEPTION WHEN invalid_parameter_value THEN NULL; END$$"
    )
    #expect(try database.value("SELECT ai_sentiment('x')") == "ai_sentiment|x")
  }

  @Test func aLostConnectionIsOpenedAgain() throws {
    // In the middle of a call, and of a statement.
    let text = unique("die")
    #expect(
      try values("SELECT ai_sentiment(t) FROM unnest($1::text[]) AS t", [.texts(["a", text, "b"])])
        == ["ai_sentiment|a", "ai_sentiment|" + text, "ai_sentiment|b"])
    #expect(try bridge.asked(text).count == 2)
    // While nobody asks.
    for _ in 0..<3 {
      try bridge.endConnections(of: "sibyl_call('ai_sentiment', '\(unique("c"))")
      let mark = unique("c \(UInt32.random(in: 0 ... .max))")
      #expect(try database.value("SELECT ai_sentiment($1)", [.text(mark)]) == "ai_sentiment|" + mark)
      try bridge.endConnections(of: mark)
      #expect(try values("SELECT (ai_sentiment($1))[1]", [.texts([mark])]) == ["ai_sentiment|" + mark])
      try bridge.endConnections(of: mark)
      #expect(try values("SELECT version FROM sibyl.status") == ["0.1.0"])
    }
    // The user has given it up.
    try database.connection.query("SELECT sibyl.dblink_disconnect('sibyl')")
    #expect(try database.value("SELECT ai_sentiment('x')") == "ai_sentiment|x")
  }

  @Test func aBridgeThatIsDownIsToldWithWhatToDo() throws {
    #expect(try database.value("SELECT ai_sentiment('x')") == "ai_sentiment|x")
    try database.install(address: BridgeDatabase.nowhere)
    try database.cache("ai_sentiment", ["cached"], "positive")
    let session = try database.connect()
    for call in ["ai_sentiment('x')", "ai_sentiment(ARRAY['cached', 'x'])", "ai_version()", "ai_chunk('x')"] {
      let error = #expect(throws: PostgresError.self) { try session.query("SELECT \(call)") }
      let name = call.prefix { $0 != "(" }
      #expect(error?.sqlState == "08006", "\(call)")
      #expect(error?.error.message == "\(name): the Sibyl bridge at 127.0.0.1:1 does not answer")
      #expect(error?.detail?.contains("Connection refused") == true)
      #expect(error?.hint?.hasPrefix("Start it with: sibyl bridge --dsn postgresql://…") == true)
      #expect(try session.query("SELECT ai_sentiment('cached')").first == "positive")
    }
    let error = #expect(throws: PostgresError.self) { try session.query("SELECT * FROM sibyl.status") }
    #expect(error?.sqlState == "08006")
    // It comes back at another address, and the session finds it.
    try database.install(address: bridge.address)
    #expect(try session.query("SELECT ai_sentiment('x')").first == "ai_sentiment|x")
  }

  // MARK: Status

  @Test func statusAndHealth() throws {
    try database.connection.query("SET timezone = 'UTC'")
    #expect(
      try values("SELECT * FROM sibyl.status") == [
        "0.1.0", "2030-01-02 03:04:05+00", "01:01:01.5", "{minilm,other}", "1", "2", "3", "4", "5.5", "6",
      ])
    #expect(
      try values("SELECT * FROM sibyl.health()") == [
        "t", "sibyl 0.1.0 at \(bridge.address), up 01:01:01, 2 requests, 1 waiting",
      ])
    try database.install(address: BridgeDatabase.nowhere)
    let session = try database.connect()
    let rows = try session.query("SELECT * FROM sibyl.health()")
    #expect(rows.count == 1 && rows[0, 0] == "f")
    #expect(
      rows[0, 1]?.hasPrefix("sibyl.status: the Sibyl bridge at 127.0.0.1:1 does not answer (could not")
        == true
        || rows[0, 1]?.contains("Connection refused") == true)
  }

  // MARK: ai_prefetch

  @Test func prefetchComputesWhatIsMissing() throws {
    try database.connection.query("CREATE TABLE reviews (id int, body varchar)")
    try database.connection.query(
      "INSERT INTO reviews SELECT n, CASE WHEN n % 10 <> 0 THEN $1 || n % 4500 END FROM generate_series(1, 9000) n",
      [.text(unique("r"))])
    for number in 1...9 { try database.cache("ai_sentiment", [unique("r") + "\(number)"], "cached") }
    for query in [
      "SELECT body FROM reviews", "SELECT body, id FROM reviews ;  ",
      "SELECT body FROM reviews -- all of them",
      "WITH r AS (SELECT * FROM reviews) SELECT body FROM r ORDER BY id", "TABLE reviews_bodies",
    ] {
      if query.hasPrefix("TABLE") {
        try database.connection.query("CREATE VIEW reviews_bodies AS SELECT body, 1 AS more FROM reviews")
      }
      let before = try bridge.asked(unique("r")).count
      let counts = try values(
        """
        SELECT p ->> 'calls', p ->> 'distinct', p ->> 'cached', p ->> 'computed', (p ->> 'seconds')::float8 >= 0
        FROM ai_prefetch($1, 'ai_sentiment') AS p
        """, [.text(query)])
      #expect(counts == ["9000", "4050", "9", "4041", "t"], "\(query)")
      // 4,041 texts in batches of 2,000, cut into calls of 1,000.
      #expect((5...6).contains(try bridge.asked(unique("r")).count - before))
    }
    #expect(
      try values("SELECT ai_prefetch('SELECT 1 WHERE false', 'ai_sentiment') - 'seconds'")
        == [#"{"calls": 0, "cached": 0, "computed": 0, "distinct": 0}"#])
  }

  @Test func prefetchPassesArgumentsOn() throws {
    let query = "SELECT '\(unique("a"))'"
    for (arguments, asked) in [
      ("'ai_classify', '[\"x\",\"y\"]'", #"|["x", "y"]|NULL"#),
      ("'ai_classify', '[\"x\",\"y\"]', '{\"b\":1,\"a\":2}'", #"|["x", "y"]|{"a": 2, "b": 1}"#),
      ("'ai_classify', VARIADIC ARRAY['[\"x\",\"y\"]', NULL]", #"|["x", "y"]|NULL"#),
      ("'ai_embed'", "|NULL"), ("'ai_embed', 'big'", "|big"), ("'ai_score', 'price'", "|price"),
      ("'ai_similarity', 'other'", "|other"), ("'ai_sentiment_score'", ""),
    ] {
      #expect(
        try values("SELECT ai_prefetch($1, \(arguments)) -> 'computed'", [.text(query)]) == ["1"],
        "\(arguments)")
      #expect(try bridge.asked(unique("a")).last?.hasSuffix("}" + asked) == true, "\(arguments)")
    }
    // What is prefetched is what a call in any form finds.
    try database.cache("ai_classify", [unique("a"), #"["x", "y"]"#, nil], "x")
    #expect(
      try values("SELECT ai_prefetch($1, 'ai_classify', '[\"x\",\"y\"]') -> 'cached'", [.text(query)]) == [
        "1"
      ])
    #expect(
      try values("SELECT ai_classify($1, ARRAY['x', 'y'])", [.text(unique("a"))]) == ["x"])
  }

  @Test func prefetchFaults() throws {
    for (call, sqlState, words) in [
      (
        "ai_prefetch('SELECT 1', 'ai_nothing')", "42883",
        "argument 2 (function) must be a function whose answers are kept (ai_classify, ai_embed, "
      ),
      ("ai_prefetch('SELECT 1', 'ai_count_tokens')", "42883", "got \"ai_count_tokens\""),
      (
        "ai_prefetch('SELECT 1', 'ai_classify')", "22023",
        "ai_classify(text, labels[, options]) takes 1 to 2 behind its first argument, which comes from the query; got 0"
      ),
      ("ai_prefetch('SELECT 1', 'ai_sentiment', 'x')", "22023", "takes nothing behind"),
      (
        "ai_prefetch('SELECT 1', 'ai_classify', VARIADIC ARRAY[NULL])", "22004", "argument 3 must not be NULL"
      ),
      ("ai_prefetch('SELECT 1', 'ai_classify', '[\"a\",\"b\"]', '[')", "22P02", "json"),
      ("ai_prefetch('SELEC 1', 'ai_sentiment')", "42601", "syntax error"),
      ("ai_prefetch('SELECT 1; DROP TABLE t', 'ai_sentiment')", "42601", ""),
      ("ai_prefetch('SELECT 1) AS x; DROP TABLE t; --', 'ai_sentiment')", "42601", ""),
      (
        "ai_prefetch('WITH x AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT * FROM x', 'ai_sentiment')",
        "0A000", ""
      ),
      ("ai_prefetch('SELECT * FROM nowhere', 'ai_sentiment')", "42P01", "nowhere"),
      ("ai_prefetch('SELECT $$fail 22023 now$$', 'ai_sentiment')", "22023", "does not like"),
    ] {
      try database.connection.query("CREATE TABLE IF NOT EXISTS t (a int)")
      let error = #expect(throws: PostgresError.self) { try values("SELECT \(call)") }
      #expect(error?.sqlState == sqlState, "\(call): \(error?.description ?? "")")
      #expect(words.isEmpty || error?.error.message.contains(words) == true, "\(error?.description ?? "")")
    }
    #expect(try values("SELECT count(*) FROM t") == ["0"])
  }
}
