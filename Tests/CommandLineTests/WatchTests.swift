import Foundation
import TestSupport
import Testing

/// `sibyl watch`, beside programs that know nothing of Sibyl: the stock shell writes to the table.
@Suite struct WatchTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try shell(
      """
      CREATE TABLE reviews(id INTEGER PRIMARY KEY, title TEXT, body TEXT, stars INTEGER);
      INSERT INTO reviews(id, body) VALUES (1, 'This is wonderful!'), (2, 'It broke at once, I hate it.'), (3, NULL),
        (10, 'Works like a charm.');
      """)
  }

  /// Runs SQL in the stock shell, without the extension, and returns what it prints.
  @discardableResult
  private func shell(_ sql: String, database: String = "shop.db") throws -> String {
    let program = try #require(StockShell.path, "there is no sqlite3 shell; run: make setup")
    let run = try CommandRun.Started(
      ["-batch", "-init", "/dev/null", database], program: program, input: ".timeout 20000\n\(sql);\n",
      in: folder
    ).end()
    #expect(run.errors == "" && run.status == 0, "\(sql)")
    return run.output
  }

  private func watch(_ arguments: String...) throws -> CommandRun {
    try CommandRun.Started(["watch", "shop.db"] + arguments, in: folder).end()
  }

  /// Defines the usual watch and deals with what is there.
  private func begin() throws {
    let run = try watch("reviews", "ai_sentiment(body)", "--into", "mood", "--once")
    #expect(run.status == 0 && run.errors == "Up to date: 3 rows written.\n", "\(run.errors)")
  }

  @Test func columnOfTheTableItself() throws {
    try begin()
    #expect(try shell("SELECT id, mood FROM reviews") == "1|positive\n2|negative\n3|\n10|positive\n")
    // Plain SQL in a program without the extension.
    try shell(
      """
      INSERT INTO reviews(body) VALUES ('What a terrible experience.');
      UPDATE reviews SET body = 'Actually awful.' WHERE id = 1;
      UPDATE reviews SET stars = 5;
      DELETE FROM reviews WHERE id = 10;
      """)
    #expect(try shell("SELECT count(*) FROM sibyl_changes") == "2\n", "stars are not read by the expression")
    #expect(try watch("--once").errors == "Up to date: 2 rows written.\n")
    #expect(try shell("SELECT id, mood FROM reviews") == "1|negative\n2|negative\n3|\n11|negative\n")
    #expect(try shell("SELECT count(*) FROM sibyl_changes") == "0\n", "its own writing is not noted")
    #expect(try watch("--once").errors == "Up to date: 0 rows written.\n")
  }

  @Test func sideTable() throws {
    let define = ["reviews", "ai_sentiment(body)", "--into", "mood", "--table", "moods", "--once", "-q"]
    #expect(try CommandRun.Started(["watch", "shop.db"] + define, in: folder).end().status == 0)
    #expect(try shell("SELECT * FROM moods") == "1|positive\n2|negative\n3|\n10|positive\n")
    try shell(
      """
      DELETE FROM reviews WHERE id = 1;
      UPDATE reviews SET id = 20 WHERE id = 2;
      UPDATE reviews SET rowid = 30 WHERE rowid = 3;
      INSERT OR IGNORE INTO reviews(id, body) VALUES (10, 'ignored'), (40, 'A dreadful purchase.');
      INSERT INTO reviews(id, body) VALUES (41, 'x') ON CONFLICT DO NOTHING;
      UPDATE OR IGNORE reviews SET body = 'I am so happy with it!' WHERE id = 41;
      """)
    _ = try watch("--once")
    #expect(try shell("SELECT * FROM moods") == "10|positive\n20|negative\n30|\n40|negative\n41|positive\n")
    // REPLACE ousts a row without a trigger; the next start finds that.
    try shell(
      """
      CREATE UNIQUE INDEX u ON reviews(title); UPDATE reviews SET title = id;
      REPLACE INTO reviews(id, title, body) VALUES (50, '10', 'So good.');
      """)
    _ = try watch("--once")
    #expect(try shell("SELECT id FROM moods") == "20\n30\n40\n41\n50\n")
    #expect(
      try shell("SELECT count(*) FROM reviews LEFT JOIN moods USING (id) WHERE moods.id IS NULL") == "0\n")
  }

  @Test func listAndRemove() throws {
    try begin()
    _ = try watch("reviews", "length(body)", "--into", "size", "--table", "sizes", "--once")
    try shell("INSERT INTO reviews(body) VALUES ('new'), ('newer')")
    let list = try watch("--list", "-o", "csv")
    #expect(
      list.output
        == "watch,of,expression,waiting,failed\r\nreviews.mood,reviews,ai_sentiment(body),2,0\r\n"
        + "sizes.size,reviews,length(body),2,0\r\n")
    #expect(try watch("--remove", "size").status == 0)
    #expect(try watch("--remove", "reviews.other").errors.contains("there are reviews.mood"))
    #expect(try shell("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == "2\n")
    #expect(try watch("--remove", "REVIEWS.MOOD").status == 0)
    #expect(
      try shell("SELECT name FROM sqlite_schema WHERE name LIKE 'sibyl%'; SELECT count(mood) FROM reviews")
        == "3\n")
    #expect(try watch("--once").errors.contains("Nothing is watched in shop.db"))
  }

  @Test func anotherExpressionComputesAllAnew() throws {
    try begin()
    #expect(
      try watch("reviews", "ai_sentiment(body)", "--into", "mood", "--once").errors
        == "reviews.mood is watched already, with this expression.\nUp to date: 0 rows written.\n")
    let changed = try watch("reviews", "upper(ai_sentiment(body)) -- loud", "--into", "MOOD", "--once")
    #expect(changed.errors == "Up to date: 3 rows written.\n")
    #expect(try shell("SELECT mood FROM reviews") == "POSITIVE\nNEGATIVE\n\nPOSITIVE\n")
  }

  @Test func rowsThatFail() throws {
    try shell("INSERT INTO reviews(id, body) VALUES (11, CAST(x'61FF' AS TEXT)), (12, 'Fine and good.')")
    let first = try watch("reviews", "ai_sentiment(body)", "--into", "mood", "--once")
    #expect(first.status == 0 && first.errors == "Up to date: 4 rows written, 1 failed.\n")
    #expect(
      try shell(
        "SELECT key, error LIKE 'ai_sentiment: argument 1 (text) must be valid UTF-8%' FROM sibyl_changes")
        == "11|1\n")
    #expect(try shell("SELECT mood FROM reviews WHERE id >= 11") == "\npositive\n")
    #expect(try watch("--once").errors == "Up to date: 0 rows written.\n", "a failure waits for --retry")
    #expect(try watch("--retry", "--once").errors == "Up to date: 0 rows written, 1 failed.\n")
    try shell("UPDATE reviews SET body = 'mended and wonderful' WHERE id = 11")
    #expect(try watch("--once").errors == "Up to date: 1 row written.\n")
    #expect(
      try shell("SELECT mood FROM reviews WHERE id = 11; SELECT count(*) FROM sibyl_changes")
        == "positive\n0\n")
  }

  /// A constraint or a trigger of the user's that does not take a value is that row's failure.
  @Test func valuesThatTheTableDoesNotTake() throws {
    try shell(
      """
      ALTER TABLE reviews ADD COLUMN size INTEGER CHECK (size IS NULL OR size < 25);
      CREATE TRIGGER no AFTER UPDATE OF size ON reviews WHEN new.size = 18 BEGIN SELECT RAISE(ROLLBACK, 'not eighteen'); END;
      """)
    let run = try watch("reviews", "length(body)", "--into", "size", "--once")
    #expect(run.status == 0 && run.errors == "Up to date: 1 row written, 2 failed.\n", "\(run.errors)")
    #expect(
      try shell("SELECT key, error FROM sibyl_changes ORDER BY key")
        == "1|not eighteen\n2|CHECK constraint failed: size IS NULL OR size < 25\n")
  }

  @Test func watchesThatReadEachOther() throws {
    try begin()
    #expect(try watch("reviews", "upper(mood)", "--into", "loud", "--once").status == 0)
    #expect(try shell("SELECT loud FROM reviews") == "POSITIVE\nNEGATIVE\n\nPOSITIVE\n")
    try shell("UPDATE reviews SET body = 'How sad and bad.' WHERE id = 1")
    #expect(try watch("--once").errors == "Up to date: 2 rows written.\n")
    #expect(try shell("SELECT mood, loud FROM reviews WHERE id = 1") == "negative|NEGATIVE\n")
    let circle = try watch("reviews", "lower(loud)", "--into", "mood", "--once")
    #expect(circle.status == 1 && circle.errors.contains("would feed itself"), "\(circle.errors)")
    #expect(try shell("SELECT expression FROM sibyl_watches WHERE id = 1") == "ai_sentiment(body)\n")
  }

  static let faulty: [([String], String)] = [
    (["nothing", "length(body)", "--into", "x"], "There is no table nothing"),
    (["v", "length(body)", "--into", "x"], "v is a view"),
    (["loose", "length(body)", "--into", "x"], "loose has no INTEGER PRIMARY KEY"),
    (["pairs", "length(b)", "--into", "x"], "pairs has no INTEGER PRIMARY KEY"),
    (["reviews", "length(", "--into", "x"], "is no expression over a row of reviews"),
    (["reviews", "nowhere", "--into", "x"], "no such column: nowhere"),
    (["reviews", "count(*)", "--into", "x"], "misuse of aggregate"),
    (["reviews", "body, title", "--into", "x"], "is no expression over a row of reviews"),
    (["reviews", "?1", "--into", "x"], "without parameters"),
    (["reviews", "(SELECT max(body) FROM loose)", "--into", "x"], "reads the table loose"),
    (["reviews", "length(stars)", "--into", "stars"], "The expression reads stars"),
    (["reviews", "length(body)", "--into", "id"], "can't be written to"),
    (["reviews", "length(body)"], "--into COLUMN is missing"),
    (["reviews"], "A database is expected"),
    (["--list", "--once"], "don't go together"),
  ]

  @Test(arguments: faulty) func faultyArguments(arguments: [String], words: String) throws {
    try shell(
      """
      CREATE VIEW v AS SELECT * FROM reviews; CREATE TABLE loose(body);
      CREATE TABLE pairs(a INTEGER PRIMARY KEY, b) WITHOUT ROWID;
      """)
    let run = try CommandRun.Started(["watch", "shop.db"] + arguments, in: folder).end()
    #expect(run.status != 0 && run.errors.contains(words), "\(run.errors)")
    #expect(
      try shell("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sibyl%' OR sql LIKE '%, \"x\"%'")
        == "0\n")
  }

  @Test func expressionsOfAllKinds() throws {
    try shell(
      "ALTER TABLE reviews ADD COLUMN loud AS (upper(body)); ALTER TABLE reviews ADD COLUMN tags TEXT")
    try shell("UPDATE reviews SET tags = '[\"a\",\"b\"]'")
    _ = try watch("reviews", "length(loud)", "--into", "size", "--once")
    _ = try watch(
      "reviews", "(SELECT group_concat(value) FROM json_each(reviews.tags))", "--into", "list", "--once")
    _ = try watch(
      "reviews", "ai_embed(coalesce(title, '') || body)", "--into", "e", "--table", "embeddings", "--once")
    _ = try watch("reviews", "42", "--into", "answer", "--once")
    #expect(
      try shell("SELECT size, list, answer, length(e) FROM reviews JOIN embeddings USING (id) WHERE id = 1")
        == "18|a,b|42|1536\n")
    try shell("UPDATE reviews SET body = 'short', tags = '[]' WHERE id = 1")
    _ = try watch("--once")
    #expect(try shell("SELECT size, list, answer FROM reviews WHERE id = 1") == "5||42\n")
  }

  @Test func theTableIsMadeAnew() throws {
    try begin()
    try shell(
      "DROP TABLE reviews; CREATE TABLE reviews(id INTEGER PRIMARY KEY, body, mood); INSERT INTO reviews(body) VALUES ('Lovely and great!')"
    )
    _ = try watch("--once")
    #expect(try shell("SELECT mood FROM reviews") == "positive\n")
    try shell("UPDATE reviews SET body = 'ugly and bad'; ALTER TABLE reviews RENAME COLUMN body TO text")
    let run = try watch("--once")
    #expect(
      run.status == 1 && run.errors.contains("reviews.mood waits: no such column: body"), "\(run.errors)")
  }

  /// It goes on with what comes, and Ctrl-C ends it within a second.
  @Test(arguments: ["delete", "wal"]) func goesOnUntilItIsStopped(journal: String) throws {
    try shell("PRAGMA journal_mode = \(journal); ALTER TABLE reviews ADD COLUMN mood")
    let started = try CommandRun.Started(
      ["watch", "shop.db", "reviews", "ai_sentiment(body)", "--into", "mood"], in: folder)
    #expect(try comes("SELECT count(mood) FROM reviews", "3\n"))
    try shell("INSERT INTO reviews(body) VALUES ('Absolutely awful.')")
    #expect(try comes("SELECT mood FROM reviews WHERE id = 11", "negative\n"))
    // A writer that keeps the database for itself for a while.
    try shell("BEGIN EXCLUSIVE; INSERT INTO reviews(body) VALUES ('Great fun!');\n.shell sleep 1\nCOMMIT;")
    #expect(try comes("SELECT mood FROM reviews WHERE id = 12", "positive\n"))
    kill(started.process, SIGINT)
    let run = try started.end()
    #expect(run.status == 0 && run.errors.hasSuffix("Stopped. Rows that are noted wait for the next time.\n"))
    try shell("INSERT INTO reviews(body) VALUES ('Rubbish and broken.')")
    #expect(try watch("--once").errors == "Up to date: 1 row written.\n")
  }

  /// Waits until a query gives an answer; false after a minute.
  private func comes(_ sql: String, _ answer: String) throws -> Bool {
    for _ in 0..<600 {
      if try shell(sql) == answer { return true }
      usleep(100_000)
    }
    return false
  }

  /// Killed at random moments while others write: every row has its value in the end, no value was written twice.
  @Test func killedAtRandomMoments() throws {
    try shell(
      """
      CREATE TABLE notes(id INTEGER PRIMARY KEY, version INTEGER DEFAULT 0, body TEXT, mood TEXT);
      CREATE TABLE written(id, version, mood);
      CREATE TRIGGER log AFTER UPDATE OF mood ON notes BEGIN INSERT INTO written VALUES (new.id, new.version, new.mood); END;
      INSERT INTO notes(id, body) SELECT value, 'note ' || value || ' is ' || (value % 2) FROM generate_series(1, 1500);
      """)
    var generator = SeededGenerator(seed: 42)
    var define = ["notes", "body || ' ' || ai_sentiment(body)", "--into", "mood"]
    for turn in 0..<24 {
      let started = try CommandRun.Started(["watch", "shop.db"] + define, in: folder)
      usleep(UInt32(30_000 + generator.next() % 250_000))
      try shell(
        """
        UPDATE notes SET version = version + 1, body = 'changed ' || id || ' in \(turn)' WHERE id % 97 = \(turn);
        INSERT INTO notes(body) VALUES ('new in \(turn)');
        DELETE FROM notes WHERE id % 211 = \(turn + 100);
        """)
      usleep(UInt32(generator.next() % 60_000))
      kill(started.process, SIGKILL)
      #expect(try started.end().status == 128 + SIGKILL)
      if try shell("SELECT count(*) FROM sqlite_schema WHERE name = 'sibyl_watches'") == "1\n" { define = [] }
    }
    #expect(try CommandRun.Started(["watch", "shop.db"] + define + ["--once"], in: folder).end().status == 0)
    #expect(
      try shell(
        """
        SELECT count(*) FROM notes WHERE mood IS NULL OR mood NOT GLOB body || ' *';
        SELECT count(*) FROM sibyl_changes;
        SELECT count(*) FROM (SELECT 1 FROM written GROUP BY id, version HAVING count(*) > 1);
        PRAGMA integrity_check;
        """) == "0\n0\n0\nok\n")
  }
}
