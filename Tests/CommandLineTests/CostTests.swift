import Foundation
import JSON
import TestSupport
import Testing

/// What work costs before it is done, and less of it: `sibyl explain`, budgets, the order of conditions.
@Suite struct CostTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var notes = "id,body,stars\n"
    for id in 1...400 { notes += "\(id),note number \(id % 300) about the weather,\(id % 10)\n" }
    try folder.write("notes.csv", notes.utf8)
    let made = try run("run", "--csv", "notes.csv", "notes.db", "CREATE TABLE n AS SELECT * FROM notes")
    try #require(made.status == 0, "\(made.errors)")
  }

  private func run(_ arguments: String...) throws -> CommandRun {
    try CommandRun.Started(arguments, in: folder).end()
  }

  // MARK: Explaining

  @Test func explainsBeforeAndAfter() throws {
    let sql = "CREATE TABLE mood AS SELECT id, ai_sentiment(body) AS mood FROM n"
    let before = try run("explain", "notes.db", sql, "--output", "json", "--exact")
    #expect(before.status == 0, "\(before.errors)")
    let estimate = try JSON.parse(before.output)
    #expect(estimate["calls"]?.integerValue == 400)
    #expect(estimate["distinct"]?.integerValue == 300)
    #expect(estimate["to_compute"]?.integerValue == 300)
    // "note number 7 about the weather", more where the number is cut into pieces.
    let tokens = try #require(estimate["tokens"]?.integerValue)
    #expect(tokens >= 6 * 300 && tokens <= 8 * 300)
    #expect(estimate["tokens_error"]?.integerValue == 0)
    #expect((estimate["seconds"]?.numberValue ?? 0) > 0)
    #expect(estimate["complete"]?.booleanValue == true)

    _ = try run("run", "notes.db", sql)
    let after = try run("explain", "notes.db", "SELECT ai_sentiment(body) FROM n")
    #expect(
      after.output.contains(" ai_sentiment |       | 400   | 300      | 300    | 0          | 0      | 0.0"),
      "\(after.output)")
    #expect(after.output.contains("0 calls to compute; about "))
    #expect(after.output.hasSuffix(", 1 pass over the rows.\n"))
    // Explaining changes nothing.
    #expect(
      try run("run", "notes.db", "SELECT count(*) AS c FROM mood", "-o", "csv").output == "c\r\n400\r\n")
  }

  @Test func explainRefusesWhatItCannotExplain() throws {
    let refused = [
      ("notes.db", "SELECT 1; SELECT 2", "One statement"),
      ("notes.db", "CREATE INDEX i ON n(id)", "nothing to explain"),
      ("notes.db", "SELECT * FROM nowhere", "no such table"),
      ("missing.db", "SELECT 1", "There is no database at"),
      ("notes.db", "", "There is no statement"),
    ]
    for (database, sql, reason) in refused {
      let run = try run("explain", database, sql)
      #expect(run.status == 1 && run.errors.contains(reason), "\(sql): \(run.errors)")
    }
    #expect(try run("explain", "notes.db", "SELECT 1").output.hasSuffix("The statement makes no AI calls.\n"))
  }

  // MARK: Budgets

  @Test func aBudgetStopsKeepsAndGoesOn() throws {
    let sql = "CREATE TABLE mood AS SELECT id, ai_score(body, 'budget') AS s FROM n"
    let first = try run("run", "--max-calls", "120", "notes.db", sql)
    #expect(first.status == 75)
    #expect(first.errors.hasPrefix("Stopped at --max-calls 120: 120 AI calls were computed and are kept, "))
    #expect(
      first.errors.contains("at least 180 are left; the statement was not run. Run the same command again"))
    let second = try run("run", "--max-calls", "120", "notes.db", sql)
    #expect(
      second.status == 75 && second.errors.contains("120 AI calls were computed")
        && second.errors.contains(" 60 are left"))
    let third = try run(
      "run", "--max-calls", "120", "notes.db", sql + "; SELECT count(*) AS c FROM mood", "-o", "csv")
    #expect(third.status == 0 && third.output == "c\r\n400\r\n", "\(third.errors)")
    let time = try run("run", "--max-seconds", "0.000001", "notes.db", "SELECT ai_score(body, 'time') FROM n")
    #expect(time.status == 75 && time.errors.hasPrefix("Stopped at --max-seconds "), "\(time.errors)")
    #expect(try run("run", "--max-calls", "0", "notes.db", sql).status == 64)
    #expect(try run("run", "--max-calls", "5", "--row-by-row", "notes.db", sql).status == 64)
  }

  // MARK: Order of work

  /// Calls on rows that another condition turns away are not made, wherever it stands: of 400 rows, 40 have three
  /// stars, and 30 different texts. Each call of ai_sentiment is one entry of the cache.
  @Test(arguments: [
    ("SELECT id FROM n WHERE ai_sentiment(body) <> 'x' AND stars = 3", 30),
    (
      "SELECT id FROM n WHERE ai_sentiment(body) <> 'x' AND id IN (SELECT id FROM n WHERE stars IN (3, 4))",
      60
    ),
    ("SELECT id FROM n WHERE ai_sentiment(body) = 'x' OR stars <> 3", 30),
    ("CREATE TABLE made AS SELECT id, ai_sentiment(body) AS mood FROM n WHERE mood <> 'x' AND stars = 3", 30),
    ("UPDATE n SET body = 'x' WHERE ai_sentiment(body) <> 'x' AND stars = 3", 30),
    // The encoder first: what it turns away, the decoder is not asked about.
    (
      "SELECT id FROM n WHERE ai_filter(body, 'a', '{\"model\":\"smollm2\"}') AND ai_sentiment(body) = 'x' AND stars = 3",
      30
    ),
  ])
  func callsOnlyForRowsThatAreLeft(statement: String, calls: Int) throws {
    let done = try run("run", "notes.db", statement)
    #expect(done.status == 0, "\(done.errors)")
    let stored = try run("run", "notes.db", "SELECT ai_cache_stats() ->> 'entries' AS entries", "-o", "csv")
    #expect(stored.output == "entries\r\n\(calls)\r\n")
  }
}
