import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Columns that are kept fresh.
@Suite(.serialized, .endToEnd) struct JobColumnTests {
  private let bed: JobBed

  init() throws { bed = try JobBed() }

  private func moods(_ table: String, where condition: String = "true") throws -> String? {
    try bed.value(
      "SELECT string_agg(id || coalesce(mood, ''), ' ' ORDER BY id) FROM \(table) WHERE \(condition)")
  }

  @Test func aColumnFollowsItsTable() throws {
    try bed.run(
      """
      CREATE TABLE reviews (id bigint PRIMARY KEY, body text, stars int);
      INSERT INTO reviews VALUES (1, 'I love it', 5), (2, 'I hate it', 1), (3, NULL, 3)
      """)
    #expect(
      try bed.value("SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', ARRAY['body'])") == "3")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1positive 2negative 3")

    try bed.run("INSERT INTO reviews (id, body) VALUES (4, 'Awful'), (5, 'Wonderful')")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1positive 2negative 3 4negative 5positive")
    try bed.run(
      """
      UPDATE reviews SET body = 'Horrible, I want my money back' WHERE id IN (1, 5);
      UPDATE reviews SET body = NULL WHERE id = 2;
      UPDATE reviews SET id = 30, body = 'I love it' WHERE id = 3;
      DELETE FROM reviews WHERE id = 4
      """)
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1negative 2 5negative 30positive")
    #expect(
      try bed.connection.query(
        "SELECT table_name, column_name, target, state, function, pending, lag, failed, workers, last_error FROM sibyl.columns"
      ).rows == [["reviews", "mood", "reviews", "running", "ai_sentiment", "0", nil, "0", "0", nil]])

    // What the answer does not depend on is not noted, nor what the worker writes.
    try bed.run("SELECT sibyl.create_column('reviews', 'score', 'ai_sentiment_score', ARRAY['body'])")
    try bed.waitUntilFresh("score")
    #expect(try bed.value("SELECT count(*) FROM reviews WHERE score IS NOT NULL") == "3")
    try bed.run("BEGIN; UPDATE reviews SET stars = 4, mood = 'mine'")
    #expect(try bed.value("SELECT count(*) FROM sibyl.column_change") == "0")
    try bed.run("UPDATE reviews SET body = body || '!'")
    // Rows without a text stay without one.
    #expect(try bed.value("SELECT count(*) FROM sibyl.column_change") == "6")
    try bed.run("ROLLBACK")
    #expect(try bed.value("SELECT count(*) FROM sibyl.column_change") == "0")

    // Everything anew, after somebody has written over it.
    try bed.run("UPDATE reviews SET mood = 'mine'")
    #expect(try bed.value("SELECT sibyl.refresh_column('reviews', 'mood')") == "4")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1negative 2 5negative 30positive")

    // A column of another name does not stop what is written, also where it is the key.
    try bed.run(
      "ALTER TABLE reviews RENAME id TO number; ALTER TABLE reviews RENAME TO letters; INSERT INTO letters VALUES (50, 'Lovely', 5)"
    )
    #expect(
      try eventually {
        try bed.value("SELECT state FROM sibyl.columns WHERE column_name = 'mood'") == "paused"
      })
    #expect(
      try bed.value(
        "SELECT last_error LIKE 'relation % does not exist' FROM sibyl.columns WHERE column_name = 'mood'")
        == "t")
    try bed.run("ALTER TABLE letters RENAME number TO id; ALTER TABLE letters RENAME TO reviews")
    _ = try bed.value("SELECT sibyl.retry_column('reviews', 'mood')")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews", where: "id = 50") == "50positive")

    try bed.run(
      "SELECT sibyl.detach_column('reviews', 'mood'); SELECT sibyl.detach_column('reviews', 'score')")
    #expect(try bed.value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'sibyl%'") == "0")
    #expect(try bed.value("SELECT count(*) FROM sibyl.columns") == "0")
    try bed.run("INSERT INTO reviews (id, body) VALUES (60, 'Awful')")
    #expect(try bed.value("SELECT count(*) FROM sibyl.column_change") == "0")
    #expect(bed.connection.failure("SELECT sibyl.detach_column('reviews', 'mood')")?.sqlState == "42704")
  }

  @Test func aTableBesideFollows() throws {
    try bed.run(
      """
      CREATE TABLE reviews (code text PRIMARY KEY, title text, body text);
      INSERT INTO reviews VALUES ('a', 'Lamp', 'I love it'), ('b', 'Mat', 'I hate it');
      SELECT sibyl.create_column('reviews', 'topic', 'ai_classify', ARRAY['title || '': '' || body', $$ARRAY['praise', 'blame']$$],
        target => 'review_topics')
      """)
    try bed.waitUntilFresh("topic")
    func topics() throws -> String? {
      try bed.value("SELECT string_agg(code || topic, ' ' ORDER BY code) FROM review_topics")
    }
    #expect(try topics() == "apraise bblame")
    try bed.run(
      """
      INSERT INTO reviews VALUES ('c', 'Cup', 'So good'); DELETE FROM reviews WHERE code = 'a';
      UPDATE reviews SET code = 'd', body = 'I love it so much' WHERE code = 'b'
      """)
    try bed.waitUntilFresh("topic")
    #expect(try topics() == "cpraise dpraise")
    try bed.run("TRUNCATE reviews")
    #expect(try topics() == nil)
    try bed.run("INSERT INTO reviews VALUES ('e', 'Cup', 'I hate it')")
    try bed.waitUntilFresh("topic")
    #expect(try topics() == "eblame")
    // A table that is gone takes its column along.
    try bed.run("DROP TABLE reviews")
    #expect(try bed.value("SELECT state FROM sibyl.columns") == "dropped")
  }

  @Test func rowsThatFailHaveNoAnswer() throws {
    try bed.run(
      """
      CREATE TABLE reviews (id int PRIMARY KEY, body text, labels text);
      INSERT INTO reviews VALUES (1, 'I love it', '["praise", "blame"]'), (2, 'I hate it', '["praise", "blame"]');
      SELECT sibyl.create_column('reviews', 'mood', 'ai_classify', ARRAY['body', 'labels'])
      """)
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1praise 2blame")
    try bed.run(
      "UPDATE reviews SET labels = '[]' WHERE id = 2; INSERT INTO reviews VALUES (3, 'I love it', '[\"praise\", \"blame\"]')"
    )
    try bed.waitUntilFresh("mood")
    // The old answer is not that of the row any more.
    #expect(try moods("reviews") == "1praise 2 3praise")
    let failures = try bed.connection.query(
      "SELECT table_name, column_name, key, error FROM sibyl.column_failures")
    #expect(failures.count == 1 && failures[0, 2] == "2")
    #expect(failures[0, 3]?.hasPrefix("ai_classify: argument 2 (labels) must be") == true)
    #expect(try bed.value("SELECT failed FROM sibyl.columns") == "1")
    #expect(try bed.value("SELECT sibyl.retry_column('reviews', 'mood')") == "1")
    try bed.waitUntilFresh("mood")
    #expect(try bed.value("SELECT failed FROM sibyl.columns") == "1")
    try bed.run("UPDATE reviews SET labels = '[\"praise\", \"blame\"]' WHERE id = 2")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1praise 2blame 3praise")
    #expect(try bed.value("SELECT count(*) FROM sibyl.column_failures") == "0")
  }

  /// A worker that waited for a note while it holds others could be in a deadlock with whoever writes into the table.
  @Test func aWorkerWaitsForNobody() throws {
    let bed = try JobBed(options: ["--job-workers", "0"])
    try bed.run(
      """
      CREATE TABLE reviews (id int PRIMARY KEY, body text);
      INSERT INTO reviews VALUES (1, 'I love it'), (2, 'I hate it');
      SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', ARRAY['body'])
      """)
    let work = try bed.connection.query("SELECT id, token, keys FROM sibyl.lease_work('me', '{}')")
    let its = "\(work[0, 0] ?? ""), NULL, '\(work[0, 1] ?? "")', '\(work[0, 2] ?? "")'"
    #expect(Set(["{1,2}", "{2,1}"]).contains(work[0, 2]))
    let writer = try bed.bed.connect()
    try writer.runScript("BEGIN; UPDATE reviews SET body = 'So so' WHERE id = 2")
    // Otherwise a wait would have no end.
    try bed.run("SET lock_timeout = '10s'")
    #expect(try bed.value("SELECT sibyl.renew_work(\(its))") == "t")
    _ = try bed.value("SELECT sibyl.release_work(\(its), 'no time', false, true)")
    #expect(try bed.value("SELECT string_agg(key, ' ') FROM sibyl.column_change WHERE lease IS NULL") == "1")
    try writer.runScript("UPDATE reviews SET body = 'Lovely' WHERE id = 1; COMMIT")
    #expect(try bed.value("SELECT sibyl.renew_work(\(its))") == "f")
    #expect(
      try bed.value("SELECT string_agg(key || lease_until::text, ' ') FROM sibyl.column_change") == nil)
  }

  /// However often its worker finds it locked.
  @Test func aRowThatIsLockedForLongIsNotGivenUp() throws {
    try bed.run(
      """
      CREATE TABLE reviews (id int PRIMARY KEY, body text);
      INSERT INTO reviews VALUES (1, 'I love it'), (2, 'I hate it');
      SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', ARRAY['body'])
      """)
    try bed.waitUntilFresh("mood")
    let other = try bed.bed.connect()
    try other.runScript("BEGIN; SELECT FROM reviews WHERE id = 1 FOR UPDATE")
    try bed.run("UPDATE reviews SET mood = NULL WHERE id = 2; SELECT sibyl.refresh_column('reviews', 'mood')")
    #expect(try eventually { try moods("reviews", where: "id = 2") == "2negative" })
    for _ in 0..<30 {
      #expect(try bed.connection.integer("SELECT attempts FROM sibyl.column_change WHERE key = '1'") <= 1)
      usleep(100_000)
    }
    try other.runScript("UPDATE reviews SET mood = NULL WHERE id = 1; COMMIT")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1positive 2negative")
    #expect(try bed.connection.query("SELECT * FROM sibyl.column_failures").rows == [])
  }

  /// Whoever may write into the table, may do so, and knows nothing of Sibyl.
  @Test func ordinaryUsersWrite() throws {
    let user = try bed.bed.role("column_writer")
    try bed.run(
      """
      CREATE TABLE reviews (id int PRIMARY KEY, body text);
      GRANT ALL ON reviews TO column_writer;
      SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', ARRAY['body'])
      """)
    let connection = try bed.bed.connect(as: user)
    try connection.runScript(
      "SET search_path = pg_temp; SET datestyle = 'German'; INSERT INTO public.reviews VALUES (1, 'I love it'); "
        + "UPDATE public.reviews SET body = 'I hate it'")
    #expect(connection.failure("SELECT * FROM sibyl.column_change")?.sqlState == "42501")
    try bed.waitUntilFresh("mood")
    #expect(try moods("reviews") == "1negative")
    try connection.query("TRUNCATE public.reviews")
    #expect(try bed.value("SELECT count(*) FROM sibyl.column_change") == "0")
  }

  @Test func uninstallingTakesTheTriggersAway() throws {
    try bed.run(
      """
      CREATE TABLE reviews (id int PRIMARY KEY, body text);
      INSERT INTO reviews VALUES (1, 'I love it');
      SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', ARRAY['body']);
      SELECT sibyl.create_job('moods', 'SELECT id, body FROM reviews', 'id', 'ai_sentiment')
      """)
    try bed.waitUntilFresh("mood")
    try bed.wait("moods")
    #expect(bed.bed.bridge.end().status == 0)
    let removed = try PostgresSchema(on: bed.connection).uninstall()
    #expect(removed.contains("Removed the triggers that kept 1 column fresh."))
    #expect(removed.last == "Removed the schema sibyl.")
    try bed.run("INSERT INTO reviews (id, body) VALUES (2, 'I hate it')")
    #expect(try moods("reviews") == "1positive 2")
    #expect(try bed.value("SELECT result FROM moods") == "positive")
  }
}
