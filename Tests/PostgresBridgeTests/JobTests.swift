import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Jobs in the database, with a bridge that works on them.
@Suite(.serialized, .endToEnd) struct JobTests {
  private let bed: JobBed

  init() throws { bed = try JobBed() }

  @Test func aJobAnswersForEveryRowOfItsQuery() throws {
    try bed.makeTexts("reviews", 2_500)
    #expect(
      try bed.value(
        "SELECT sibyl.create_job('moods', 'SELECT id, body FROM reviews;', key => 'id', function => 'ai_sentiment', "
          + "target => 'review_moods')") == "2500")
    // Other types, other keys, constants among the arguments, and a default target.
    try bed.run(
      """
      CREATE TABLE notes ("The Key" uuid PRIMARY KEY DEFAULT gen_random_uuid(), body varchar(80), labels text[]);
      INSERT INTO notes (body, labels) SELECT 'The parcel number ' || i || ' is late',
        CASE i % 2 WHEN 0 THEN ARRAY['delivery', 'payment'] ELSE ARRAY['weather', 'food'] END FROM generate_series(1, 300) AS i;
      SELECT sibyl.create_job('topics', 'SELECT "The Key", body, labels FROM notes', key => 'The Key',
        function => 'ai_classify', arguments => ARRAY['body -- the text', 'labels'], chunk_rows => 7);
      SELECT sibyl.create_job('vectors', 'SELECT id, body FROM reviews WHERE id <= 50', 'id', 'ai_embed');
      SELECT sibyl.create_job('likeness', 'SELECT r.id, r.body, v.result FROM reviews r JOIN vectors v USING (id) ORDER BY 1',
        'id', 'ai_similarity', ARRAY['body', 'result'])
      """)
    for job in ["moods", "topics", "vectors"] { try bed.wait(job) }
    let row = try bed.connection.query(
      """
      SELECT state, rows, done, failed, skipped, percentage, rows_per_second > 0, time_left, workers, last_error,
        created <= started AND started <= finished, function, target FROM sibyl.jobs WHERE name = 'moods'
      """)
    #expect(
      row.rows == [
        [
          "finished", "2500", "2500", "0", "0", "100.0", "t", nil, "0", nil, "t", "ai_sentiment",
          "review_moods",
        ]
      ])
    #expect(
      try bed.value(
        """
        SELECT count(*) FROM reviews JOIN review_moods USING (id) JOIN (
          SELECT unnest(array_agg(id)) AS id, unnest(ai_sentiment(array_agg(body))) AS mood FROM reviews) AS direct USING (id)
        WHERE result = mood
        """) == "2500")
    #expect(
      try bed.value(
        "SELECT count(*) FROM notes JOIN topics USING (\"The Key\") WHERE result = ai_classify(body, labels)")
        == "300")
    #expect(
      try bed.value(
        "SELECT count(*) FROM reviews JOIN vectors USING (id) WHERE result = ai_embed(body)") == "50")
    #expect(
      try bed.value(
        """
        SELECT string_agg(format('%s %s %s', attname, format_type(atttypid, atttypmod), attnotnull), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = 'topics'::regclass AND attnum > 0
        """) == "The Key uuid t, result text f")
    // The fourth was made when its query had no rows: there was nothing to do.
    #expect(try bed.state(of: "likeness") == "finished")
    #expect(try bed.value("SELECT sibyl.drop_job('likeness')") == "")
    #expect(
      try bed.value(
        "SELECT sibyl.create_job('likeness', 'SELECT id, body, result FROM reviews JOIN vectors USING (id)', 'id', "
          + "'ai_similarity', ARRAY['body', 'result'])") == "50")
    try bed.wait("likeness")
    #expect(try bed.value("SELECT count(*) FROM likeness WHERE result > 0.999") == "50")
  }

  @Test func rowsThatFailAreToldAndTriedAgain() throws {
    try bed.run(
      """
      CREATE TABLE tickets (id int PRIMARY KEY, body text, labels text, parts int);
      INSERT INTO tickets SELECT i, 'Ticket ' || i, '["billing", "shipping"]', 1 FROM generate_series(1, 400) AS i;
      UPDATE tickets SET labels = '["alone"]' WHERE id IN (3, 77);
      UPDATE tickets SET parts = 0 WHERE id IN (5, 6, 200);
      UPDATE tickets SET body = NULL WHERE id = 9;
      CREATE TABLE topics (id int PRIMARY KEY, result text, CHECK (id <> 300));
      SELECT sibyl.create_job('topics', 'SELECT * FROM tickets', 'id', 'ai_classify',
        arguments => ARRAY['body || 10 / parts', 'labels'], chunk_rows => 100)
      """)
    try bed.wait("topics")
    #expect(
      try bed.connection.query("SELECT rows, done, failed, percentage FROM sibyl.jobs").rows == [
        ["400", "394", "6", "100.0"]
      ])
    let failures = try bed.connection.query(
      "SELECT key, error FROM sibyl.job_failures WHERE job = 'topics' ORDER BY key::int"
    ).rows.map { "\($0[0] ?? ""): \($0[1] ?? "")" }
    #expect(failures.count == 6)
    for (failure, words) in zip(
      failures,
      [
        "3: ai_classify: argument 2 (labels) must be", "5: division by zero", "6: division by zero",
        "77: ai_classify: argument 2 (labels) must be", "200: division by zero",
        "300: new row for relation \"topics\" violates check constraint",
      ])
    {
      #expect(failure.hasPrefix(words))
    }
    #expect(try bed.value("SELECT last_error IS NOT NULL FROM sibyl.jobs") == "t")
    #expect(try bed.value("SELECT count(*) FROM topics WHERE result IS NULL") == "1")

    try bed.run("UPDATE tickets SET parts = 1; ALTER TABLE topics DROP CONSTRAINT topics_id_check")
    #expect(try bed.value("SELECT sibyl.retry_job('topics')") == "6")
    try bed.wait("topics")
    #expect(
      try bed.connection.query("SELECT rows, done, failed, state FROM sibyl.jobs").rows == [
        ["400", "398", "2", "finished"]
      ])
    #expect(try bed.value("SELECT string_agg(key, ',' ORDER BY key) FROM sibyl.job_failures") == "3,77")
  }

  /// AI functions in the query and in the arguments: the worker's own session calls the bridge for them.
  @Test func nestedCallsAndTheirErrors() throws {
    try bed.run(
      """
      CREATE TABLE letters (id int PRIMARY KEY, body text, labels text);
      INSERT INTO letters SELECT i, 'I love letter ' || i, '["praise", "blame"]' FROM generate_series(1, 40) AS i;
      UPDATE letters SET labels = '["alone"]' WHERE id = 17;
      UPDATE letters SET body = 'I hate it' WHERE id = 18;
      SELECT sibyl.create_job('nested', 'SELECT id, body, labels FROM letters WHERE ai_sentiment(body) = ''positive''',
        'id', 'ai_count_tokens', arguments => ARRAY['ai_classify(body, labels)'])
      """)
    try bed.wait("nested")
    #expect(try bed.value("SELECT count(*) FROM nested WHERE result > 0") == "38")
    let failures = try bed.connection.query("SELECT key, error FROM sibyl.job_failures")
    #expect(failures.count == 1 && failures[0, 0] == "17")
    #expect(failures[0, 1]?.hasPrefix("ai_classify: argument 2 (labels) must be") == true)
  }

  @Test func pausingResumingCancelling() throws {
    try bed.makeTexts("reviews", 300)
    let create =
      "SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment', chunk_rows => 50, target => 'moods')"
    // What is paused in the transaction that makes it never begins.
    try bed.run("\(create); SELECT sibyl.pause_job('moods')")
    try bed.run("SELECT sibyl.create_job('other', 'SELECT * FROM reviews', 'id', 'ai_sentiment')")
    try bed.wait("other")
    #expect(
      try bed.value("SELECT state || done || workers FROM sibyl.jobs WHERE name = 'moods'") == "paused00")
    // Rows that are gone by then are skipped.
    try bed.run("DELETE FROM reviews WHERE id BETWEEN 101 AND 110")
    #expect(try bed.value("SELECT sibyl.resume_job('moods')") == "running")
    try bed.wait("moods")
    #expect(
      try bed.connection.query("SELECT done, skipped, percentage FROM sibyl.jobs WHERE name = 'moods'").rows
        == [["290", "10", "100.0"]])
    for verb in ["pause", "resume", "cancel"] {
      let error = bed.connection.failure("SELECT sibyl.\(verb)_job('moods')")
      #expect(error?.sqlState == "55000")
      #expect(error?.error.message == "\(verb)_job: the job \"moods\" is finished already")
    }
    #expect(try bed.value("SELECT sibyl.retry_job('moods')") == "0")

    // A second job over the same target does what the first one did not.
    try bed.run("INSERT INTO reviews VALUES (1001, 'I love it'), (1002, 'I hate it')")
    #expect(
      try bed.value(
        "SELECT sibyl.create_job('more', 'SELECT * FROM reviews', 'id', 'ai_sentiment', target => 'moods')")
        == "2")
    try bed.wait("more")
    #expect(
      try bed.value("SELECT string_agg(result, ',' ORDER BY id) FROM moods WHERE id > 1000")
        == "positive,negative")

    // Cancelled for good; the target stays when the job goes.
    try bed.run(
      "\(create.replacingOccurrences(of: "moods", with: "third")); SELECT sibyl.cancel_job('third')")
    #expect(try bed.state(of: "third") == "cancelled")
    #expect(bed.connection.failure("SELECT sibyl.resume_job('third')")?.hint?.contains("left out") == true)
    #expect(bed.connection.failure("SELECT sibyl.retry_job('third')")?.sqlState == "55000")
    try bed.run("SELECT sibyl.drop_job('third'); SELECT sibyl.drop_job('moods')")
    #expect(
      try bed.value(
        "SELECT count(*) FROM sibyl.job_chunk AS c WHERE NOT EXISTS (SELECT FROM sibyl.job WHERE id = c.job)")
        == "0")
    #expect(try bed.value("SELECT count(*) FROM moods") == "292")
    #expect(try bed.value("SELECT count(*) FROM third") == "0")
    #expect(
      bed.connection.failure("SELECT sibyl.drop_job('moods')")?.error.message
        == "drop_job: there is no job \"moods\"")
  }

  /// While a job is computed, cancelling it is the last word: nothing is written after it.
  @Test func cancellingInTheMiddle() throws {
    try bed.makeTexts("reviews", 20_000)
    try bed.run(
      "SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment', chunk_rows => 500)")
    #expect(try eventually { try bed.connection.integer("SELECT done FROM sibyl.jobs") > 0 })
    try bed.run("SELECT sibyl.cancel_job('moods')")
    let written = try bed.value("SELECT count(*) FROM moods")
    // Another job shows that the workers have left the first one.
    try bed.run(
      "SELECT sibyl.create_job('few', 'SELECT * FROM reviews WHERE id < 2001', 'id', 'ai_sentiment_score')")
    try bed.wait("few")
    #expect(try bed.value("SELECT count(*) FROM moods") == written)
    #expect(try bed.connection.integer("SELECT count(*) FROM moods") < 20_000)
    #expect(try bed.state(of: "moods") == "cancelled")
  }

  /// What every worker would meet pauses the job and says why, instead of failing its rows one by one.
  @Test func aJobWhoseTablesAreGoneWaits() throws {
    try bed.makeTexts("reviews", 100)
    try bed.run(
      """
      SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment');
      SELECT sibyl.pause_job('moods');
      ALTER TABLE reviews RENAME TO reviews_old
      """)
    #expect(try bed.value("SELECT sibyl.resume_job('moods')") == "running")
    try bed.wait("moods", "paused")
    #expect(
      try bed.value("SELECT last_error FROM sibyl.jobs") == "relation \"reviews\" does not exist")
    try bed.run(
      "ALTER TABLE reviews_old RENAME TO reviews; ALTER TABLE moods RENAME TO moods_2; SELECT sibyl.resume_job('moods')"
    )
    try bed.wait("moods")
    // A target that was renamed is found.
    #expect(try bed.value("SELECT count(*) FROM moods_2") == "100")
    #expect(try bed.value("SELECT coalesce(last_error, 'none') || failed FROM sibyl.jobs") == "none0")
  }

  @Test func jobsAreForTheOwner() throws {
    try bed.makeTexts("reviews", 10)
    let user = try bed.bed.role("job_user")
    let connection = try bed.bed.connect(as: user)
    let create = "SELECT sibyl.create_job('moods', 'SELECT * FROM reviews', 'id', 'ai_sentiment')"
    for statement in [
      create, "SELECT sibyl.pause_job('moods')", "SELECT sibyl.drop_job('moods')", "SELECT * FROM sibyl.jobs",
      "SELECT * FROM sibyl.job_failures", "SELECT * FROM sibyl.columns", "SELECT * FROM sibyl.job_chunk",
      "SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', ARRAY['body'])",
      "SELECT * FROM sibyl.lease_work('me', '{}')", "SELECT sibyl.detach_column('reviews', 'mood')",
      "INSERT INTO sibyl.column_change (ai_column, key) VALUES (1, '1')",
      "SELECT sibyl.describe_call('x', 'reviews', 'id', 'ai_sentiment', NULL, 'public')",
    ] {
      #expect(connection.failure(statement)?.sqlState == "42501", "\(statement)")
    }
    // Granting it is giving the owner's rights; the path is the caller's own.
    try bed.run(
      """
      CREATE SCHEMA IF NOT EXISTS theirs AUTHORIZATION job_user;
      GRANT EXECUTE ON FUNCTION sibyl.create_job TO job_user; GRANT SELECT ON sibyl.jobs TO job_user
      """)
    try connection.runScript(
      "CREATE TABLE theirs.reviews (id int, body text); INSERT INTO theirs.reviews VALUES (5, 'I love it'); SET search_path = theirs"
    )
    #expect(try connection.value(create) == "1")
    try bed.wait("moods")
    #expect(try bed.value("SELECT id || result FROM theirs.moods") == "5positive")
    #expect(try connection.value("SELECT created_by FROM sibyl.jobs") == "job_user")
    // Grants outlive the next installation.
    _ = try PostgresSchema(on: bed.bed.connect()).install(address: BridgeDatabase.nowhere)
    #expect(try connection.value("SELECT count(*) FROM sibyl.jobs") == "1")
  }
}
