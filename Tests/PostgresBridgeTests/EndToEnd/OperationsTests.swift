import Foundation
import Functions
import PostgresClient
import PostgresTestSupport
import Testing

/// What whoever runs a bridge does: look after it, stop it, take it out again, and ask it without a database.
@Suite(.endToEnd) struct BridgeOperationsTests {
  @Test func statusAndHealth() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get())
    let connection = try bed.connect()
    let status = try connection.query("SELECT * FROM sibyl.status")
    #expect(
      status.columns.map(\.name) == [
        "version", "started", "uptime", "models", "queue_length", "requests", "answered", "cache_hits",
        "rows_per_second", "sessions",
      ])
    #expect(status.count == 1 && status[0, 0] == SibylVersion.current && status[0, 9] == "1")
    #expect(status[0, 3] == "{}" && status[0, 5] == "0" && status[0, 6] == "0" && status[0, 8] == "0")
    #expect(
      try connection.value(
        """
        SELECT started BETWEEN now() - interval '5 minutes' AND now() + interval '1 second'
          AND abs(extract(epoch FROM now() - started - uptime)) < 2 AND uptime < interval '5 minutes' FROM sibyl.status
        """) == "t")
    _ = try connection.query(
      "SELECT ai_sentiment(ARRAY(SELECT 'text ' || i FROM generate_series(1, 10) AS i))")
    _ = try connection.query(
      "SELECT ai_sentiment_score(ARRAY(SELECT 'text ' || i FROM generate_series(1, 10) AS i))")
    #expect(
      try connection.query(
        "SELECT models, requests, answered, cache_hits, rows_per_second > 0, queue_length FROM sibyl.status"
      ).rows == [["{minilm}", "2", "20", "10", "t", "0"]])
    let health = try connection.query("SELECT * FROM sibyl.health()")
    #expect(health[0, 0] == "t")
    #expect(
      health[0, 1]?.wholeMatch(
        of: #/sibyl \S+ at 127\.0\.0\.1:\d+, up 00:0\d:\d\d, 2 requests, 0 waiting/#) != nil)
    let other = try bed.connect()
    #expect(try other.value("SELECT sessions FROM sibyl.status") == "2")
  }

  /// psql goes straight to the bridge, as `\d` of a client would not.
  @Test func psqlOnTheBridgesPort() throws {
    let bed = try EndToEnd.shared.get()
    let dsn = try bed.bridgeDSN
    let script = """
      SELECT ai_classify('I was charged twice', '["billing","shipping"]');
      SELECT ai_classify('I was charged twice', ARRAY['billing','shipping']) AS topic;
      SELECT ai_sentiment(ARRAY['I love it', NULL, 'I hate it']);
      SELECT * FROM ai_chunk('It broke. I want a refund! Who can help?', 8);
      SELECT ai_embed(NULL) ; SELECT public.ai_count_tokens(E'it\\'s');
      PREPARE p AS SELECT 1;
      """
    let psql = try ChildProcess.psql(dsn, ["-A", "-t"], input: script).end()
    #expect(
      psql.output == """
        billing
        billing
        {positive,NULL,negative}
        0|It broke.|1|9
        1|I want a refund!|11|16
        2|Who can help?|28|13

        3

        """)
    #expect(psql.errors.contains("ERROR:"))
    // Every function of the catalogue is there, its examples answer as in SQLite.
    let connection = try PostgresConnection(PostgresDSN(dsn))
    for function in Catalogue.functions where !function.belongsToSession && function.arity.contains(1) {
      #expect(throws: Never.self) { try connection.query("SELECT \(function.name)('embedding_model')") }
    }
    // Without the password, or with another one, nobody comes in.
    for password in ["", "password=wrong"] {
      let wrong = dsn.replacing(#/password=\S+/#, with: password)
      let refused = try ChildProcess.psql(wrong, ["-w", "-c", "SELECT ai_version()"]).end()
      #expect(refused.status == 2 && refused.output == "")
      #expect(refused.errors.contains("password"))
    }
    #expect(
      try ChildProcess.psql(dsn.replacing("user=sibyl", with: "user=postgres"), ["-w", "-c", "SELECT 1"])
        .end().status == 2)
  }

  /// Ctrl-C while calls run: they are answered, and then the bridge ends.
  @Test(arguments: [SIGINT, SIGTERM]) func aStopFinishesWhatRuns(_ signal: Int32) throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), options: ["--grace", "30"])
    let session = Session(try bed.connect())
    let watcher = try bed.connect()
    let direct = Session(try PostgresConnection(PostgresDSN(bed.bridgeDSN)))
    _ = try watcher.query("SELECT ai_sentiment('warm')")
    // One call each: the database's functions send up to 1,000 texts with one.
    let inDatabase = session.start(LongCall(1_000).sql)
    let texts = try watcher.value(LongCall(1_500).texts) ?? ""
    let onPort = direct.start("SELECT ai_sentiment('\(texts)'::text[])")
    #expect(try eventually { try watcher.integer("SELECT requests FROM sibyl.status") >= 3 })
    let ending = bed.bridge.end(signal)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(try #require(inDatabase.wait()).get() == "1000")
    // An array's text, {negative,neutral,…}: what the moods are is not this test's matter.
    #expect(try #require(onPort.wait()).get()?.split(separator: ",").count == 1_500)
    // They are kept, too.
    #expect(try watcher.integer("SELECT count(*) FROM sibyl.cache") >= 2_500)
    #expect(watcher.failure("SELECT ai_sentiment('one more')")?.sqlState == "08006")
  }

  /// What takes longer than the grace is cancelled.
  @Test func aStopDoesNotWaitForEver() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), options: ["--grace", "0.2"])
    let session = Session(try bed.connect())
    let watcher = try bed.connect()
    let query = session.start("SELECT ai_sentiment(repeat('\(UUID().uuidString) came late. ', 200000))")
    #expect(try eventually { try watcher.integer("SELECT requests FROM sibyl.status") >= 1 })
    usleep(200_000)
    let start = ContinuousClock.now
    #expect(bed.bridge.end().status == 0)
    #expect(start.duration(to: .now) < .seconds(15))
    guard case .failure(let error) = try #require(query.wait()) else {
      Issue.record("the query did not fail")
      return
    }
    #expect(error.sqlState == "08006")
  }

  @Test func uninstalling() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get())
    let connection = try bed.connect()
    #expect(try connection.value("SELECT ai_sentiment('I love it')") == "positive")
    func uninstall(_ options: String...) throws -> ChildProcess.Ending {
      try ChildProcess(BridgeProcess.command, ["bridge", "uninstall", "--dsn", bed.dsn] + options).end()
    }
    try connection.query("CREATE VIEW moods AS SELECT ai_sentiment('x')")
    let refused = try uninstall()
    #expect(refused.status == 1 && refused.errors.contains("other objects depend on Sibyl's"), "\(refused)")
    #expect(try connection.value("SELECT ai_sentiment('I love it')") == "positive")
    let removed = try uninstall("--cascade")
    #expect(removed.status == 0 && removed.output.contains("Removed the schema sibyl."), "\(removed)")
    #expect(
      try connection.value(
        "SELECT count(*) FROM pg_proc WHERE proname LIKE 'ai\\_%' OR pronamespace = to_regnamespace('sibyl')")
        == "0")
    #expect(connection.failure("SELECT ai_sentiment('x')")?.sqlState == "42883")
    #expect(try uninstall() == ChildProcess.Ending(status: 0, output: "Nothing was installed.\n", errors: ""))
    // The bridge says so, and does not put anything back by itself.
    #expect(eventually { bed.bridge.log.contains("not installed in the database any more") })
    #expect(try connection.value("SELECT to_regnamespace('sibyl')") == nil)
    #expect(bed.bridge.end().status == 0)
    try bed.restartBridge()
    #expect(try connection.value("SELECT ai_sentiment('I love it')") == "positive")
  }

  @Test func whatCanNotBeStartedSaysWhy() throws {
    let bed = try EndToEnd.shared.get()
    let cases = [
      (["--dsn", bed.dsn, "--listen", "0.0.0.0:0"], "without encryption"),
      (["--dsn", bed.dsn, "--schema", "nowhere"], "nowhere"),
      (["--dsn", bed.dsn, "--listen", "127.0.0.1:\(bed.bridge.port)"], "\(bed.bridge.port)"),
      (["--dsn", "host=127.0.0.1 port=1 password=secret"], "can't connect to"),
      (["--max-text", "0"], "--max-text"),
    ]
    for (options, words) in cases {
      let ending = try ChildProcess(
        BridgeProcess.command, ["bridge"] + options,
        environment: ["SIBYL_CACHE": bed.folder + "/no-cache.sqlite3"]
      ).end(within: 30)
      #expect(ending.status != 0 && ending.errors.contains(words), "\(options): \(ending)")
      #expect(!ending.errors.contains("secret"))
    }
    // None of these has changed what is there.
    #expect(try bed.connect().value("SELECT ok FROM sibyl.health()") == "t")
  }

  /// In a schema of the user's choice, behind a Unix socket.
  @Test func anotherSchemaAndASocket() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get())
    let connection = try bed.connect()
    try connection.query("CREATE SCHEMA \"My AI\"")
    #expect(bed.bridge.end().status == 0)
    let folder = bed.folder + "/socket"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // The server runs as another user.
    chmod(bed.folder, 0o755)
    chmod(folder, 0o755)
    try bed.restartBridge(options: ["--schema", "My AI"], listen: folder)
    #expect(try connection.value("SELECT \"My AI\".ai_sentiment('I love it')") == "positive")
    #expect(connection.failure("SELECT ai_sentiment('I love it')")?.sqlState == "42883")
    #expect(try connection.value("SELECT detail LIKE '%\(folder)/.s.PGSQL.%' FROM sibyl.health()") == "t")
    #expect(bed.bridge.end().status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
  }
}
