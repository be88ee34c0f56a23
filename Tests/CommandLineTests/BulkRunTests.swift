import Foundation
import JSON
import TestSupport
import Testing

/// Bulk jobs through `sibyl run`, on the real model: batches, resuming, interruption, and the same answers as row
/// by row.
@Suite struct BulkRunTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var notes = "id,body\n"
    for id in 1...60 { notes += "\(id),note number \(id % 45) about \(id % 3 == 0 ? "money" : "weather")\n" }
    try folder.write("notes.csv", notes.utf8)
    var many = "id,body\n"
    for id in 1...40_000 {
      many += "\(id),\"the parcel number \(id) arrived late and I want my money back, please\"\n"
    }
    try folder.write("many.csv", many.utf8)
  }

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandRun {
    try CommandRun.Started(["run"] + arguments, in: folder, environment: environment).end()
  }

  @Test func aSecondRunIsCached() throws {
    let sql =
      "DROP TABLE IF EXISTS mood; CREATE TABLE mood AS SELECT id, ai_sentiment(body) AS mood FROM notes"
    let first = try run("--csv", "notes.csv", "new.db", sql)
    #expect(first.errors.hasPrefix("60 rows in "), "\(first.errors)")
    #expect(first.errors.contains(": 60 AI calls ("))
    #expect(first.errors.hasSuffix(", 0% cached\n"))
    let second = try run("--csv", "notes.csv", "new.db", sql)
    #expect(second.errors.hasSuffix(", 100% cached\n"))
    let read = try run("new.db", "SELECT count(*) AS n, count(mood) AS known FROM mood", "-o", "csv")
    #expect(read.output == "n,known\r\n60,60\r\n")
  }

  /// What stands around a statement doesn't keep its calls from being batched.
  @Test(arguments: ["; -- first\n ;%", "/* ; */ % ; ", "SELECT 1; %;;"])
  func statementsAreFoundBetweenBlanks(frame: String) throws {
    let sql = frame.replacing("%", with: "SELECT ai_score(body, 'blanks') FROM notes")
    let run = try run("--csv", "notes.csv", sql)
    #expect(run.errors.contains(": 60 AI calls ("), "\(run.errors)")
  }

  /// Statements of every kind, with AI calls in every place.
  static let statements = [
    "SELECT id, ai_sentiment(body) FROM notes ORDER BY id",
    "SELECT ai_sentiment(body) AS mood, count(*) FROM notes GROUP BY mood ORDER BY mood",
    "SELECT id FROM notes WHERE ai_sentiment(body) = 'neutral' AND ai_score(body, 'money') > 0.5 ORDER BY id",
    "SELECT id, ai_score(body, 'money') FROM notes ORDER BY 2 DESC, 1 LIMIT 7",
    "SELECT a.id, b.id FROM notes a JOIN notes b ON a.id = b.id + 1 AND ai_sentiment(a.body) = ai_sentiment(b.body) ORDER BY 1",
    "SELECT id, round(avg(ai_sentiment_score(body)) OVER (ORDER BY id ROWS 3 PRECEDING), 6) FROM notes ORDER BY id",
    "WITH RECURSIVE n(i, s) AS (SELECT 1, 0 UNION ALL SELECT i + 1, ai_score('step ' || i, 'stairs') FROM n WHERE i < 6) SELECT * FROM n",
    "SELECT id FROM notes UNION SELECT 1000 * (ai_sentiment(body) = 'neutral') FROM notes ORDER BY 1",
    "SELECT EXISTS (SELECT 1 FROM notes WHERE ai_score(body, 'weather') > 0.99)",
    "SELECT id, (SELECT ai_sentiment(x.body) FROM notes x WHERE x.id = 61 - notes.id) FROM notes ORDER BY id LIMIT 9",
    "SELECT DISTINCT ai_classify(body, '[\"money\", \"weather\"]') FROM notes ORDER BY 1",
    "SELECT length(ai_embed(body)), hex(substr(ai_embed(body), 1, 4)) FROM notes WHERE id < 5 ORDER BY id",
    "SELECT ai_sentiment('it is ' || ai_sentiment(body)) FROM notes WHERE id < 9 ORDER BY id",
    "SELECT coalesce(ai_sentiment(NULL), 'none'), ai_sentiment('')",
    "SELECT count(*), sum(position) FROM notes, ai_chunk(body, 16) WHERE ai_sentiment(text) IS NOT NULL",
    "CREATE TABLE made AS SELECT id, ai_sentiment(body) m FROM notes; SELECT m, count(*) FROM made GROUP BY m ORDER BY m",
    "ALTER TABLE notes ADD COLUMN mark; UPDATE notes SET mark = ai_sentiment(body) WHERE ai_score(body, 'money') > 0.5; SELECT mark, count(*) FROM notes GROUP BY 1 ORDER BY 1",
    "DELETE FROM notes WHERE ai_score(body, 'money') > 0.5; SELECT count(*) FROM notes",
    "INSERT INTO notes(id, body) SELECT id + 100, ai_sentiment(body) FROM notes WHERE id < 5; SELECT * FROM notes WHERE id > 100 ORDER BY id",
    "CREATE TABLE u(k PRIMARY KEY, n); INSERT INTO u SELECT ai_sentiment(body), 1 FROM notes WHERE true ON CONFLICT(k) DO UPDATE SET n = n + 1; SELECT * FROM u ORDER BY k",
    "CREATE VIEW v AS SELECT id, ai_score(body, 'money') s FROM notes; SELECT count(*) FROM v WHERE s > 0.4",
    "BEGIN; UPDATE notes SET body = ai_sentiment(body); ROLLBACK; SELECT count(*) FROM notes WHERE body LIKE 'note%'",
    "UPDATE notes SET body = upper(ai_sentiment(body)) WHERE id = 3 RETURNING id, body",
  ]

  @Test(arguments: statements) func batchesAnswerAsRowByRow(statement: String) throws {
    let batched = try run("--csv", "notes.csv", statement, "-o", "csv")
    #expect(batched.status == 0, "\(batched.errors)")
    let rowByRow = try run(
      "--csv", "notes.csv", "--row-by-row", statement, "-o", "csv",
      environment: ["SIBYL_CACHE": folder["other.sqlite3"]])
    #expect(batched.output == rowByRow.output)
    #expect(!batched.output.isEmpty)
  }

  @Test func aKilledJobGoesOn() throws {
    let sql = "SELECT count(ai_sentiment(body)) AS n FROM many"
    let started = try CommandRun.Started(["run", "--csv", "many.csv", sql, "-o", "csv"], in: folder)
    // Something must have reached the cache's file, and the job must not be done.
    #expect(waitForCache(ofAtLeast: 100_000))
    kill(started.process, SIGKILL)
    #expect(try started.end().status == 128 + SIGKILL)

    let second = try CommandRun.Started(
      [
        "run", "--csv", "many.csv",
        "SELECT ai_prefetch('SELECT ai_sentiment(body) FROM many WHERE id <= 2000')", "-o", "csv",
      ],
      in: folder
    ).end()
    let text = second.output.split(separator: "\r\n").last.map(String.init) ?? ""
    let report = try JSON.parse(String(text.dropFirst().dropLast()).replacing("\"\"", with: "\""))
    #expect(report["distinct"]?.integerValue == 2_000)
    #expect((report["cached"]?.integerValue ?? 0) > 0, "\(text)")
  }

  @Test func anInterruptedJobSaysSoAndGoesOn() throws {
    let sql = "CREATE TABLE mood AS SELECT ai_sentiment(body) AS m FROM many"
    let started = try CommandRun.Started(["run", "--csv", "many.csv", "new.db", sql], in: folder)
    #expect(waitForCache(ofAtLeast: 100_000))
    kill(started.process, SIGINT)
    let run = try started.end()
    #expect(run.status == 130)
    #expect(
      run.errors == "Interrupted. What was computed is in the cache: run the same command again to go on.\n")
    // Nothing of the table was written.
    #expect(
      try self.run("new.db", "SELECT count(*) AS n FROM sqlite_schema", "-o", "csv").output == "n\r\n0\r\n")
  }

  /// Waits until the cache's file and its log hold so many bytes; false after a minute.
  private func waitForCache(ofAtLeast bytes: Int) -> Bool {
    for _ in 0..<1200 {
      let sizes = ["cache.sqlite3", "cache.sqlite3-wal"].map { name in
        (try? FileManager.default.attributesOfItem(atPath: folder[name])[.size] as? Int) ?? 0
      }
      if sizes.reduce(0, +) >= bytes { return true }
      usleep(50_000)
    }
    return false
  }
}
