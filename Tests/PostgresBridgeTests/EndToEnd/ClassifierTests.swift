import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// Training and correcting in a database: who may, what a bridge that was restarted knows, jobs, files.
@Suite(.endToEnd) struct PostgresClassifierTests {
  private static let rows = """
    SELECT * FROM (VALUES ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'),
      ('My payment was declined', 'billing'), ('The parcel came two weeks late', 'shipping'),
      ('My package never arrived', 'shipping'), ('Delivered to the wrong address', 'shipping')) AS v (body, label)
    """

  private let bed: EndToEnd
  private let connection: PostgresConnection

  init() throws {
    bed = try EndToEnd(on: try ThrowawayPostgres.shared.get())
    connection = try bed.connect()
  }

  private func train(_ name: String, _ connection: PostgresConnection? = nil) throws -> String? {
    try (connection ?? self.connection).value(
      "SELECT ai_train($1, $2) ->> 'digest'", [.text(name), .text(Self.rows)])
  }

  // MARK: Rights

  /// Everybody may ask; who trains and corrects changes what others are answered.
  @Test func aUserWithoutRights() throws {
    _ = try train("tickets")
    let user = try bed.role("learner")
    let reader = try bed.connect(as: user)
    #expect(try reader.value("SELECT ai_predict('tickets', 'the parcel is late')") == "shipping")
    #expect(
      try reader.value("SELECT ai_predict('tickets', ARRAY['the parcel is late', NULL])") == "{shipping,NULL}"
    )
    #expect(try reader.value("SELECT count(*) FROM ai_classifiers()") == "1")
    #expect(try reader.value("SELECT count(*) FROM ai_review('tickets', 'SELECT ''hm''', 3)") == "1")
    #expect(try reader.value("SELECT ai_evaluate('SELECT 1, 1') ->> 'accuracy'") == "1.0")
    for statement in [
      "SELECT ai_train('mine', 'SELECT 1, 2')", "SELECT ai_feedback('ai_sentiment', 'x', 'positive')",
      "SELECT weights FROM sibyl.classifiers", "SELECT text FROM sibyl.feedback",
      "DELETE FROM sibyl.classifiers", "SELECT sibyl.send_classifier('ai_predict', 'tickets', 'x')",
      "SELECT sibyl.call_context('tickets', 'x', NULL)", "INSERT INTO sibyl.evaluations DEFAULT VALUES",
    ] {
      #expect(reader.failure(statement)?.sqlState == "42501", "\(statement)")
    }
    // What everybody may call behind the functions is good for these functions only.
    let smuggled = reader.failure(
      "SELECT sibyl.call_in_session('ai_config', ARRAY['threads', '1'], NULL, NULL, NULL, false)")
    #expect(smuggled?.sqlState == "42883", "\(String(describing: smuggled))")
    // A query reads what its caller may read.
    for query in ["SELECT text, label FROM sibyl.feedback", "SELECT digest, name FROM sibyl.classifiers"] {
      let error = reader.failure("SELECT ai_evaluate('\(query)')")
      #expect(error?.error.message.contains("permission denied") == true, "\(query)")
    }
    let hint = reader.failure("SELECT ai_train('mine', 'SELECT 1, 2')")?.hint ?? ""
    let grant = try #require(hint.firstMatch(of: #/GRANT .*;/#)).output
    try connection.runScript(String(grant))
    #expect(try train("mine", reader) != nil)
    #expect(
      try connection.value("SELECT created_by FROM sibyl.classifiers WHERE name = 'mine'") == "learner")
    #expect(reader.failure("SELECT ai_feedback('mine', 'x', 'billing')")?.sqlState == "42501")
  }

  /// A user's own objects, of the names that the functions use, are not called by them.
  @Test func aSearchPathFullOfTraps() throws {
    _ = try train("tickets")
    let user = try bed.role("trapper_of_classifiers")
    try connection.runScript(
      """
      CREATE SCHEMA traps; GRANT ALL ON SCHEMA traps TO \(user); CREATE TABLE public.rows AS \(Self.rows);
      GRANT SELECT ON public.rows TO \(user); GRANT ALL ON sibyl.classifiers, sibyl.feedback TO \(user)
      """)
    let trapper = try bed.connect(as: user)
    try trapper.runScript(
      """
      CREATE FUNCTION traps.catch(what text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'caught %', what; END$$;
      CREATE FUNCTION traps.concat(VARIADIC text[]) RETURNS text LANGUAGE sql AS $$SELECT traps.catch('concat')$$;
      CREATE FUNCTION traps.row_to_json(record) RETURNS json LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$;
      CREATE FUNCTION traps.array_append(text[], text) RETURNS text[] LANGUAGE sql AS $$SELECT ARRAY[traps.catch('a')]$$;
      CREATE FUNCTION traps.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT traps.catch('sha256')::bytea$$;
      CREATE FUNCTION traps.equal(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT traps.catch('=') = 'x'$$;
      CREATE OPERATOR traps.= (LEFTARG = text, RIGHTARG = text, FUNCTION = traps.equal);
      CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (traps.catch('text') IS NULL);
      CREATE DOMAIN pg_temp.jsonb AS pg_catalog.jsonb CHECK (traps.catch('jsonb') IS NULL);
      CREATE DOMAIN pg_temp.uuid AS pg_catalog.uuid CHECK (traps.catch('uuid') IS NULL);
      SET search_path = traps, pg_temp, pg_catalog, public;
      """)
    let calls = [
      "ai_train('traps', 'SELECT body, label FROM rows') OPERATOR(pg_catalog.->>) 'rows'",
      "ai_feedback('traps', 'x', 'billing')", "ai_predict('traps', 'x')",
      "(SELECT pg_catalog.count(*) FROM ai_review('tickets', 'SELECT body FROM rows'))",
      "ai_evaluate('SELECT label, label FROM rows') OPERATOR(pg_catalog.->>) 'rows'",
      "(SELECT pg_catalog.count(*) FROM ai_classifiers())",
    ]
    let answers = ["6", "billing", "billing", "6", "6", "2"]
    for (call, answer) in zip(calls, answers) {
      #expect(try trapper.value("SELECT \(call)") == answer, "\(call)")
    }
  }

  // MARK: The bridge

  /// It holds no classifier of its own: one that was started since is sent it.
  @Test func aBridgeThatWasRestarted() throws {
    _ = try train("tickets")
    #expect(try connection.value("SELECT ai_predict('tickets', 'the parcel is late')") == "shipping")
    #expect(bed.bridge.end().status == 0)
    let error = connection.failure("SELECT ai_train('other', 'SELECT 1, 2')")
    #expect(error?.sqlState == "08006", "\(String(describing: error))")
    try bed.restartBridge()
    #expect(try connection.value("SELECT ai_predict('tickets', 'the invoice is wrong')") == "billing")
    #expect(
      try connection.value("SELECT ai_predict('tickets', ARRAY['the invoice was wrong', 'a late parcel'])")
        == "{billing,shipping}")
    #expect(try connection.value("SELECT ai_feedback('tickets', 'hm', 'billing')") == "billing")
  }

  /// Sessions that ask different classifiers at once get their own answers.
  @Test func manySessionsAndClassifiers() throws {
    _ = try train("tickets")
    try connection.query(
      "SELECT ai_train('reversed', $1)",
      [
        .text(
          "SELECT body, CASE label WHEN 'billing' THEN 'shipping' ELSE 'billing' END FROM (\(Self.rows)) AS r"
        )
      ])
    let sessions = try (0..<8).map { _ in Session(try bed.connect()) }
    let answers = sessions.enumerated().map { index, session in
      session.start(
        """
        SELECT string_agg(DISTINCT ai_predict('\(index % 2 == 0 ? "tickets" : "reversed")', 'The parcel number ' || i
          || ' came late'), ',') FROM generate_series(1, 40) AS i
        """)
    }
    for (index, answer) in answers.enumerated() {
      #expect(try answer.wait()?.get() == (index % 2 == 0 ? "shipping" : "billing"), "\(index)")
    }
  }

  @Test func aCancelledTrainingStoresNothing() throws {
    let session = Session(try bed.connect())
    let training = session.start(
      """
      SELECT ai_train('long', 'SELECT ''A text with the number '' || i || '' that is long enough to take a while'', i % 7
        FROM generate_series(1, 20000) AS i')
      """)
    let isAsking = try eventually {
      try connection.value("SELECT count(*) FROM sibyl.status WHERE requests > 0") == "1"
    }
    #expect(isAsking)
    _ = try connection.value(
      "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%A text with the number%' AND pid <> pg_backend_pid()"
    )
    guard case .failure(let error) = training.wait() else {
      Issue.record("it was not cancelled")
      return
    }
    #expect(error.sqlState == "57014")
    #expect(try connection.value("SELECT count(*) FROM sibyl.classifiers") == "0")
    // The bridge has let go of it, and goes on.
    try BridgeWork(connection).expectToStop()
    #expect(try train("tickets") != nil)
  }

  // MARK: Jobs

  @Test func jobsAskClassifiersAndHeedCorrections() throws {
    _ = try train("tickets")
    let bed = JobBed(bed, connection)
    try bed.run(
      """
      CREATE TABLE texts AS SELECT i AS id, CASE WHEN i % 2 = 0 THEN 'My parcel number ' ELSE 'My invoice number ' END || i
        || ' is wrong' AS body FROM generate_series(1, 40) AS i;
      SELECT ai_feedback('tickets', body, 'billing') FROM texts WHERE id = 2;
      SELECT sibyl.create_job('topics', 'SELECT id, body FROM texts', key => 'id', function => 'ai_predict',
        arguments => ARRAY['''tickets''', 'body'])
      """)
    try bed.wait("topics")
    #expect(
      try bed.value(
        "SELECT count(*) FROM topics JOIN texts USING (id) WHERE result IS DISTINCT FROM ai_predict('tickets', body)"
      )
        == "0")
    #expect(try bed.value("SELECT result FROM topics WHERE id = 2") == "billing")
    // A classifier that is not there is each row's failure.
    try bed.run(
      """
      SELECT sibyl.create_job('nothing', 'SELECT id, body FROM texts', key => 'id', function => 'ai_predict',
        arguments => ARRAY['''missing''', 'body'])
      """)
    try bed.wait("nothing")
    #expect(try bed.value("SELECT failed FROM sibyl.jobs WHERE name = 'nothing'") == "40")
    #expect(
      try bed.value("SELECT DISTINCT error FROM sibyl.job_failures WHERE job = 'nothing'")?
        .contains("and there is \"tickets\"") == true)
  }

  // MARK: The command line

  private func command(_ arguments: String...) throws -> ChildProcess.Ending {
    try ChildProcess(
      BridgeProcess.command, arguments, environment: ["SIBYL_CACHE": bed.folder + "/command.sqlite3"]
    ).end()
  }

  @Test func filesGoFromDatabaseToDatabase() throws {
    let digest = try #require(try train("tickets"))
    let (file, other) = (bed.folder + "/tickets.classifier", bed.folder + "/other.db")
    var ending = try command("classifiers", "export", "--dsn", bed.dsn, "tickets", "--output", file)
    #expect(ending.status == 0 && ending.output.hasPrefix("wrote "), "\(ending)")
    ending = try command("classifiers", "import", other, file, "--create")
    #expect(ending.status == 0, "\(ending)")
    ending = try command(
      "run", other, "--output", "csv",
      "SELECT ai_predict('tickets', 'a late parcel'), digest FROM ai_classifiers()")
    #expect(ending.output.contains("shipping,\(digest)"), "\(ending)")
    ending = try command("classifiers", "export", other, "tickets", "--output", file + "2")
    #expect(ending.status == 0 && FileManager.default.contentsEqual(atPath: file, andPath: file + "2"))

    ending = try command("classifiers", "import", "--dsn", bed.dsn, file)
    #expect(ending.status == 1 && ending.errors.contains("--force replaces it"), "\(ending)")
    ending = try command("classifiers", "import", "--dsn", bed.dsn, file, "--name", "copy")
    #expect(ending.status == 0, "\(ending)")
    #expect(try connection.value("SELECT ai_predict('copy', 'a late parcel')") == "shipping")
    ending = try command("classifiers", "list", "--dsn", bed.dsn)
    #expect(ending.output.contains("copy") && ending.output.contains(digest.prefix(12)), "\(ending)")
    ending = try command("classifiers", "remove", "--dsn", bed.dsn, "copy")
    #expect(ending.output == "removed copy\n", "\(ending)")
    ending = try command("classifiers", "remove", "--dsn", bed.dsn, "copy")
    #expect(ending.status == 1 && ending.errors.contains("has no classifier \"copy\""), "\(ending)")
    ending = try command("classifiers", "list", "--dsn", bed.dsn, "more")
    #expect(ending.status != 0)
  }

  @Test func measurementsAreKept() throws {
    try connection.runScript(
      "CREATE TABLE labelled AS SELECT * FROM (VALUES ('What a lovely lamp', 'positive'), ('It broke at once', 'negative'), "
        + "('What an awful mess', 'positive')) AS v (body, mood)")
    var ending = try command("eval", "--dsn", bed.dsn, "SELECT ai_sentiment(body), mood FROM labelled")
    #expect(ending.status == 0 && ending.output.contains("accuracy 66.7%"), "\(ending)")
    ending = try command("eval", "--dsn", bed.dsn, "SELECT ai_sentiment(body), mood, 0.9 FROM labelled")
    #expect(ending.output.contains(", +0.0 since "), "\(ending)")
    #expect(
      try connection.value("SELECT count(*) FROM sibyl.evaluations WHERE accuracy BETWEEN 0.66 AND 0.67")
        == "2")
    ending = try command(
      "eval", "--dsn", bed.dsn, "--no-history", "--output", "json", "SELECT mood, mood FROM labelled")
    #expect(ending.output.contains("\"accuracy\":1.0"), "\(ending)")
    #expect(try connection.value("SELECT count(*) FROM sibyl.evaluations") == "2")
    ending = try command("eval", "--dsn", bed.dsn, "SELECT mood FROM labelled")
    #expect(ending.status == 1 && ending.errors.contains("it has 1"), "\(ending)")
  }

  /// What users have made is not dropped unasked.
  @Test func uninstallingKeepsWhatWasTrained() throws {
    _ = try train("tickets")
    #expect(bed.bridge.end().status == 0)
    var ending = try command("bridge", "uninstall", "--dsn", bed.dsn)
    #expect(ending.status == 1 && ending.errors.contains("1 classifiers"), "\(ending)")
    #expect(try connection.value("SELECT count(*) FROM sibyl.classifiers") == "1")
    ending = try command("bridge", "uninstall", "--dsn", bed.dsn, "--drop-classifiers")
    #expect(ending.status == 0, "\(ending)")
    #expect(try connection.value("SELECT to_regnamespace('sibyl') IS NULL") == "t")
  }
}
