import Foundation
import JSON
import PostgresClient
import PostgresTestSupport
import Testing

/// `ai_prefetch`, and `sibyl run --dsn`, which does the same for any statement.
@Suite(.serialized, .endToEnd) struct PrefetchTests {
  private static let shared = Result { () throws -> EndToEnd in
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get())
    try bed.loadExamples()
    return bed
  }

  private let bed: EndToEnd
  private let connection: PostgresConnection

  init() throws {
    bed = try Self.shared.get()
    connection = try bed.connect()
  }

  private func prefetch(_ query: String, _ function: String, _ arguments: String...) throws -> [String: Int] {
    let list = arguments.map { ", " + SQLQuoting.literal($0) }.joined()
    let row = try connection.query(
      """
      SELECT p ->> 'calls', p ->> 'distinct', p ->> 'cached', p ->> 'computed'
      FROM ai_prefetch(\(SQLQuoting.literal(query)), '\(function)'\(list)) AS p
      """)
    let names = ["calls", "distinct", "cached", "computed"]
    return Dictionary(uniqueKeysWithValues: zip(names, row.rows[0].map { Int($0 ?? "") ?? -1 }))
  }

  @Test func everythingIsThereWithoutTheBridge() throws {
    let own = try EndToEnd(on: bed.server)
    try own.loadExamples()
    let connection = try own.connect()
    let distinct = try connection.integer("SELECT count(DISTINCT body) FROM reviews")
    let rows = try connection.integer("SELECT count(body) FROM reviews")
    let labels = "ARRAY['kitchen', 'sport', 'it''s for travel']"
    let prefetches = [
      "'ai_sentiment'", "'ai_sentiment_score'", "'ai_embed'", "'ai_score', 'a broken thing'",
      "'ai_similarity', 'it''s broken'", "'ai_classify', to_jsonb(\(labels))::text",
      "'ai_classify', to_jsonb(\(labels))::text, '{\"min_confidence\": 0.5}'",
    ]
    for arguments in prefetches {
      let answer = try connection.value("SELECT ai_prefetch('SELECT body FROM reviews', \(arguments))")
      let counts = try JSON.parse(answer ?? "")
      #expect(counts["distinct"]?.integerValue == distinct, "\(arguments): \(answer ?? "")")
      #expect(counts["calls"]?.integerValue == rows && counts["computed"] == counts["distinct"])
    }
    #expect(own.bridge.end().status == 0)
    let query = """
      SELECT count(ai_sentiment(body)), count(ai_sentiment_score(body)), count(ai_embed(body)),
        count(ai_score(body, 'a broken thing')), count(ai_similarity(body, 'it''s broken')),
        count(ai_classify(body, \(labels))),
        count(ai_classify(body, to_jsonb(\(labels)))), count(ai_classify(body, to_jsonb(\(labels))::text)),
        count(*) FILTER (WHERE ai_classify(body, \(labels), '{"min_confidence":0.5}') IS NULL) > 0
      FROM reviews
      """
    let found = try connection.query(query)
    #expect(found.rows[0].dropLast().allSatisfy { $0 == String(rows) } && found[0, 8] == "t")
    // One text more is one too many.
    #expect(connection.failure("SELECT ai_sentiment(body || '!') FROM reviews")?.sqlState == "08006")
    // And the same through the array form.
    #expect(
      try connection.value("SELECT cardinality(ai_sentiment(array_agg(body))) FROM reviews") == String(rows))
  }

  @Test func countsAndFaults() throws {
    #expect(
      try prefetch("SELECT unnest(ARRAY['p1', NULL, 'p2', 'p1'])", "ai_sentiment")
        == ["calls": 4, "distinct": 2, "cached": 0, "computed": 2])
    #expect(
      try prefetch("SELECT unnest(ARRAY['p1', 'p3']);", "ai_sentiment")
        == ["calls": 2, "distinct": 2, "cached": 1, "computed": 1])
    #expect(try prefetch("SELECT 'p1' WHERE false", "ai_sentiment")["calls"] == 0)
    // The first column counts, and what is no text becomes one.
    #expect(try prefetch("SELECT 'p4', 'p5'", "ai_sentiment")["distinct"] == 1)
    #expect(try prefetch("SELECT 17", "ai_sentiment")["computed"] == 1)
    let faults = [
      ("SELECT ai_prefetch('SELECT 1', 'ai_count_tokens')", "42883"),
      ("SELECT ai_prefetch('SELECT 1', 'now')", "42883"),
      ("SELECT ai_prefetch('SELECT 1', 'ai_classify')", "22023"),
      ("SELECT ai_prefetch('SELECT 1', 'ai_score')", "22023"),
      ("SELECT ai_prefetch('SELECT 1', 'ai_sentiment', 'x')", "22023"),
      ("SELECT ai_prefetch('SELECT 1', 'ai_score', NULL)", "22004"),
      ("SELECT ai_prefetch('SELECT 1', 'ai_classify', '[\"a\"]')", "22023"),
      ("SELECT ai_prefetch('SELECT nothing', 'ai_sentiment')", "42703"),
      ("SELECT ai_prefetch('SELECT', 'ai_sentiment')", "42P10"),
    ]
    for (statement, state) in faults {
      #expect(connection.failure(statement)?.sqlState == state, "\(statement)")
    }
  }

  // MARK: sibyl run --dsn

  private func run(_ sql: String, _ options: String..., dsn: String? = nil) throws -> ChildProcess {
    try ChildProcess(
      BridgeProcess.command, ["run", "--dsn", dsn ?? bed.dsn] + options + [sql],
      environment: ["SIBYL_CACHE": bed.folder + "/run-cache.sqlite3"])
  }

  @Test func createTableAs() throws {
    let ending = try run(
      "CREATE TABLE mood AS SELECT id, ai_sentiment(body) AS mood, ai_classify(body, ARRAY['kitchen', 'sport']) AS what FROM reviews"
    ).end()
    #expect(ending.status == 0 && ending.output == "", "\(ending)")
    #expect(ending.errors.contains(" AI calls "))
    let requests = try connection.integer("SELECT requests FROM sibyl.status")
    #expect(
      try connection.value(
        """
        SELECT bool_and(mood = ai_sentiment(body) AND what = ai_classify(body, ARRAY['kitchen', 'sport']))
          AND count(*) = (SELECT count(*) FROM reviews)
        FROM mood JOIN reviews USING (id)
        """) == "t")
    // All of that came from the cache.
    #expect(try connection.integer("SELECT requests FROM sibyl.status") == requests)
    // A second time there is nothing to compute, and the table is there already.
    let again = try run("CREATE TABLE mood AS SELECT id, ai_sentiment(body) AS mood FROM reviews").end()
    #expect(again.status == 1 && again.errors.contains("relation \"mood\" already exists"))
  }

  @Test func aSelectWithCallsInItsConditionAndInEachOther() throws {
    let sql = """
      SELECT count(*) AS n, min(ai_sentiment(body || ' ' || ai_classify(body, ARRAY['a joke', 'a lamp']))) AS least
      FROM reviews WHERE ai_sentiment(body) = 'negative' AND ai_score(body, 'it broke') > 0.2
      """
    let ending = try run(sql, "--output", "csv").end()
    let expected = try connection.query(sql).rows[0].map { $0 ?? "" }
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.output == "n,least\r\n\(expected.joined(separator: ","))\r\n")
    #expect((Int(expected[0]) ?? 0) > 3)
    let quiet = try run(sql, "--quiet", "--output", "json").end()
    #expect(quiet.status == 0 && quiet.errors == "" && quiet.output.contains("\"least\""))
  }

  @Test func insertsAndUpdates() throws {
    try connection.runScript(
      "CREATE TABLE notes (id int, body text, mood text); INSERT INTO notes SELECT id, body FROM reviews WHERE id <= 50"
    )
    let update = try run("UPDATE notes SET mood = ai_sentiment(body) WHERE ai_count_tokens(body) > 3").end()
    #expect(update.status == 0, "\(update)")
    #expect(try connection.value("SELECT count(*) FROM notes WHERE mood = ai_sentiment(body)") == "50")
    let insert = try run(
      "INSERT INTO notes SELECT id + 1000, body, ai_sentiment(body || ' Really.') FROM notes WHERE mood = 'negative'"
    ).end()
    #expect(insert.status == 0, "\(insert)")
    // Once, although the statement ran more often to see what it asks.
    #expect(
      try connection.value(
        "SELECT count(*) FILTER (WHERE id > 1000) = count(*) FILTER (WHERE id <= 1000 AND mood = 'negative') FROM notes"
      )
        == "t")
    let returning = try run(
      "DELETE FROM notes WHERE id = 1 RETURNING id, ai_sentiment('I love what is gone') AS mood", "--output",
      "csv"
    ).end()
    #expect(returning.status == 0 && returning.output == "id,mood\r\n1,positive\r\n", "\(returning)")
  }

  @Test func statementsThatFail() throws {
    for (sql, words) in [
      ("SELECT ai_sentiment(body) FROM no_such_table", "relation \"no_such_table\" does not exist"),
      ("SELEC 1", "syntax error"),
      ("SELECT ai_classify(body, ARRAY['one']) FROM reviews", "ai_classify: argument 2 (labels)"),
      ("SELECT 1 / (id - id), ai_sentiment(body) FROM reviews", "division by zero"),
      ("SELECT ai_sentiment(body), ai_embed(body, 'no such model') FROM reviews", "no such model"), ("", ""),
    ] where sql != "" {
      let ending = try run(sql).end()
      #expect(ending.status == 1 && ending.errors.contains(words), "\(sql): \(ending)")
    }
    let nowhere = try run("SELECT 1", dsn: "host=127.0.0.1 port=1 dbname=x password=secret").end()
    #expect(
      nowhere.status == 1 && nowhere.errors.contains("can't connect to") && !nowhere.errors.contains("secret")
    )
  }

  /// Where no bridge answers, the command is one while it lasts.
  @Test func withoutABridge() throws {
    let own = try EndToEnd(on: bed.server)
    try own.loadExamples()
    #expect(own.bridge.end().status == 0)
    let ending = try run(
      "SELECT count(*) AS n FROM reviews WHERE ai_sentiment(body) IS NOT NULL", "--output", "csv",
      dsn: own.dsn
    ).end()
    let rows = try own.connect().integer("SELECT count(*) FROM reviews")
    #expect(ending.status == 0 && ending.output == "n\r\n\(rows)\r\n", "\(ending)")
    // Its answers stay.
    #expect(try own.connect().integer("SELECT count(ai_sentiment(body)) FROM reviews") == rows)
    // In a database where nothing was installed, too.
    let bare = try own.server.makeDatabase()
    let other = try run(
      "SELECT ai_sentiment('I love it')", "--output", "csv", dsn: own.server.dsn(database: bare)
    ).end()
    #expect(other.status == 0 && other.output == "ai_sentiment\r\npositive\r\n", "\(other)")
  }

  @Test func anInterruptedRunKeepsWhatItHasComputed() throws {
    try connection.runScript(
      "CREATE TABLE many AS SELECT i AS id, 'Number ' || i || ' came late, and half of it was broken by then.' AS body "
        + "FROM generate_series(1, 30000) AS i")
    let before = try connection.integer("SELECT count(*) FROM sibyl.cache")
    let run = try run("CREATE TABLE many_moods AS SELECT id, ai_sentiment(body) FROM many")
    let hasBegun = try eventually {
      try connection.integer("SELECT count(*) FROM sibyl.cache") > before + 1_500
    }
    #expect(hasBegun)
    run.send(SIGINT)
    let ending = run.end(within: 20)
    #expect(ending.status == 130 && ending.errors.contains("run the same command again"), "\(ending)")
    #expect(try connection.value("SELECT to_regclass('many_moods')") == nil)
    let kept = try connection.integer("SELECT count(*) FROM sibyl.cache") - before
    #expect(kept > 1_500 && kept < 30_000)
    try BridgeWork(connection).expectToStop()
    // It goes on where it was: here, with as many rows as are there already.
    let requests = try connection.integer("SELECT requests FROM sibyl.status")
    let rest = try self.run(
      "SELECT count(ai_sentiment(body)) AS n FROM many JOIN (SELECT 1 FROM generate_series(1, 1)) AS one ON id <= 500",
      "--output", "csv"
    ).end()
    #expect(rest.status == 0 && rest.output == "n\r\n500\r\n", "\(rest)")
    #expect(try connection.integer("SELECT requests FROM sibyl.status") <= requests + 10)
  }
}
