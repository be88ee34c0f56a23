import Foundation
import JSON
import TestSupport
import Testing

/// Replay as users meet it: `ai_prefetch` in the stock shell, on the real model.
@Suite struct ReplayTests {
  private let scratch: TemporaryFolder
  private let shell: SQLiteShell

  init() throws {
    scratch = try TemporaryFolder()
    shell = SQLiteShell(environment: ["SIBYL_CACHE": scratch["cache.sqlite3"]])
  }

  /// A table of 50 notes, 40 of them different.
  private static let notes = """
    CREATE TABLE notes(id INTEGER PRIMARY KEY, body TEXT, mark);
    INSERT INTO notes(id, body) SELECT value, 'note number ' || (value % 40) FROM generate_series(1, 50);
    """

  /// Runs statements behind the notes and returns the lines that they print.
  private func lines(_ sql: String) throws -> [String] {
    let output = try shell.run(Self.notes + "\n" + sql)
    #expect(output.errors == "")
    return output.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
  }

  /// What `ai_prefetch` answers for statements, one after the other in one session.
  private func reports(_ statements: String...) throws -> [JSON] {
    let calls = statements.map { "SELECT ai_prefetch('\($0.replacing("'", with: "''"))');" }
    let answers = try lines(calls.joined(separator: "\n"))
    try #require(answers.count == statements.count)
    return try answers.map { try JSON.parse($0) }
  }

  @Test func countsCalls() throws {
    let statement = "SELECT ai_score(body, 'numbers') FROM notes"
    let found = try reports(statement, statement, "\(statement) WHERE id <= 5", "SELECT id FROM notes")
    #expect(found.map { $0["calls"]?.integerValue } == [50, 50, 5, 0])
    #expect(found.map { $0["distinct"]?.integerValue } == [40, 40, 5, 0])
    #expect(found.map { $0["cached"]?.integerValue } == [0, 40, 5, 0])
    #expect(found.map { $0["computed"]?.integerValue } == [40, 0, 0, 0])
    #expect(found.map { $0["passes"]?.integerValue } == [2, 1, 1, 1])
    #expect(found.allSatisfy { ($0["seconds"]?.numberValue ?? -1) >= 0 && $0["complete"] == nil })
  }

  @Test func callsInsideCallsTakeAPassEach() throws {
    let found = try reports(
      "SELECT ai_score('again: ' || round(ai_score(body, 'numbers'), 2), 'words') FROM notes",
      "SELECT ai_score(body, 'filtered') FROM notes WHERE ai_score(body, 'filter') IS NOT NULL",
      "SELECT count(*) FROM notes GROUP BY round(ai_score(body, 'groups'), 1) HAVING ai_score(min(body), 'having') > -1",
      "WITH c AS (SELECT ai_score(body, 'inner') s, id FROM notes) SELECT ai_score('s' || round(s, 1), 'outer') FROM c"
    )
    #expect(found.map { $0["passes"]?.integerValue } == [3, 3, 3, 3])
    #expect(found[1]["computed"]?.integerValue == 80)
  }

  /// Groups are computed together, and not before it is known what is in them.
  @Test func groupsAreNotedToo() throws {
    let options = #"'{"method":"extractive","max_words":5}'"#
    let found = try reports(
      "SELECT ai_summarize_agg(body, \(options)) FROM notes GROUP BY id % 4",
      "SELECT ai_summarize_agg('of ' || round(ai_score(body, 'numbers'), 2), \(options)) FROM notes GROUP BY id % 4",
      "SELECT ai_summarize_agg(body, \(options)) FROM notes WHERE ai_score(body, 'chosen') > -1 GROUP BY id % 5",
      "SELECT id % 3, ai_score(min(body), 'beside'), ai_summarize_agg(body, \(options)) FROM notes GROUP BY id % 3",
      "SELECT ai_summarize_agg(NULLIF(body, 'note number 1'), \(options)) FROM notes GROUP BY id % 20")
    #expect(found.map { $0["passes"]?.integerValue } == [2, 3, 3, 3, 2])
    #expect(found.map { $0["computed"]?.integerValue } == [4, 44, 45, 6, 20])
    #expect(found.map { $0["complete"] }.allSatisfy { $0 == nil })
  }

  @Test func groupsOfAStatementThatIsPrefetchedAreKept() throws {
    let statement =
      "SELECT ai_summarize_agg(body, '{\"method\":\"extractive\",\"max_words\":6}') FROM notes GROUP BY id % 2"
    let found = try lines(
      """
      SELECT ai_prefetch('\(statement.replacing("'", with: "''"))') ->> 'computed';
      SELECT ai_prefetch('\(statement.replacing("'", with: "''"))') ->> 'cached';
      SELECT count(*) FROM (\(statement));
      """)
    #expect(found == ["2", "2", "2"])
  }

  @Test(arguments: [
    "UPDATE notes SET mark = ai_score(body, 'x')",
    "UPDATE notes SET (mark, body) = (ai_score(body, 'x'), 'gone') WHERE id < 100",
    "INSERT INTO notes(body, mark) SELECT body, ai_score(body, 'x') FROM notes",
    "REPLACE INTO notes(id, mark) SELECT id, ai_score(body, 'x') FROM notes",
    "DELETE FROM notes WHERE ai_score(body, 'x') IS NOT NULL",
    "CREATE TABLE scores AS SELECT ai_score(body, 'x') FROM notes",
    "WITH c AS (SELECT * FROM notes) INSERT INTO notes(body, mark) SELECT body, ai_score(body, 'x') FROM c",
  ])
  func writesNothing(statement: String) throws {
    let quoted = statement.replacing("'", with: "''")
    let found = try lines(
      """
      SELECT json_extract(ai_prefetch('\(quoted)'), '$.computed');
      SELECT total_changes(), count(*), count(mark), (SELECT count(*) FROM sqlite_schema) FROM notes;
      """)
    #expect(found == ["40", "50|50|0|1"])
  }

  @Test func worksInsideATransaction() throws {
    let found = try lines(
      """
      BEGIN;
      INSERT INTO notes(id, body) VALUES (99, 'uncommitted');
      SELECT json_extract(ai_prefetch('SELECT ai_score(body, ''x'') FROM notes'), '$.distinct');
      ROLLBACK;
      SELECT count(*) FROM notes;
      """)
    #expect(found == ["41", "50"])
  }

  @Test func answersAreThoseOfRowByRowEvaluation() throws {
    let query =
      "SELECT id, ai_score(body, 'numbers') FROM notes WHERE ai_score(body, 'words') > 0.1 ORDER BY id;"
    let plain = try lines(query)
    let other = SQLiteShell(environment: ["SIBYL_CACHE": scratch["other.sqlite3"]])
    let quoted = query.replacing("'", with: "''")
    let output = try other.run(Self.notes + "\nSELECT ai_prefetch('\(quoted)') IS NULL;\n\(query)")
    #expect(output.text == "0\n" + plain.map { $0 + "\n" }.joined())
    #expect(!plain.isEmpty)
  }

  @Test func findsCallsInViewsTriggersAndGeneratedColumns() throws {
    let found = try lines(
      """
      CREATE VIEW scored AS SELECT id, ai_score(body, 'view') s FROM notes;
      CREATE TABLE g(body, s AS (ai_score(body, 'generated')));
      INSERT INTO g(body) SELECT body FROM notes;
      SELECT json_extract(ai_prefetch('SELECT max(s) FROM scored'), '$.computed');
      SELECT json_extract(ai_prefetch('SELECT max(s) FROM g'), '$.distinct');
      """)
    #expect(found == ["40", "40"])
  }

  /// A query that stops early needs few rows: it is not computed for the whole table.
  @Test func limitKeepsTheFirstBatchSmall() throws {
    let found = try lines(
      """
      INSERT INTO notes(body) SELECT 'text ' || value FROM generate_series(1, 3000);
      SELECT json_extract(ai_prefetch('SELECT id FROM notes WHERE ai_score(body, ''x'') > -1 LIMIT 3'), '$.computed');
      """)
    #expect(found == ["1024"])
  }

  /// A NULL in place of an answer makes some queries fail; the next pass gets further.
  @Test func errorsFromMissingAnswersAreNoErrors() throws {
    let found = try reports(
      "SELECT j.value FROM notes, json_each(iif(ai_score(body, 'x') IS NULL, 'no JSON', '[1]')) j WHERE notes.id <= 3"
    )
    #expect(found[0]["computed"]?.integerValue == 3)
    #expect(found[0]["passes"]?.integerValue == 4)
  }

  /// A query that reads other rows in every pass is given up, with what was found computed.
  @Test func endsWhenAQueryNeverReadsTheSame() throws {
    let found = try reports("SELECT ai_score('n' || abs(random()), 'x') FROM notes WHERE id <= 2")
    #expect(found[0]["passes"]?.integerValue == 32)
    #expect(found[0]["computed"]?.integerValue == 64)
    #expect(found[0]["complete"]?.booleanValue == false)
  }

  @Test(arguments: [
    ("", "argument 1 (sql) must be a SQL statement; it is empty"),
    (" ; -- nothing", "argument 1 (sql) must be a SQL statement; it is empty"),
    (
      "SELECT 1; SELECT 2",
      "argument 1 (sql) must be one statement; it holds several: call the function once for each"
    ),
    (
      "SELECT ai_embed(?1)",
      "argument 1 (sql) must be a statement without parameters; write the values into it"
    ),
    (
      "CREATE VIEW v AS SELECT 1",
      "argument 1 (sql) must be a SELECT, INSERT, UPDATE, DELETE or CREATE TABLE AS with something to read"
    ),
    (
      "EXPLAIN SELECT 1",
      "argument 1 (sql) must be a SELECT, INSERT, UPDATE, DELETE or CREATE TABLE AS with something to read"
    ),
    ("SELECT absent FROM notes", "no such column: absent"),
    ("SELECT FROM", "near \"FROM\": syntax error"),
    ("INSERT INTO absent SELECT 1", "no such table: absent"),
  ])
  func saysWhatItDoesNotTake(statement: String, message: String) throws {
    let quoted = statement.replacing("'", with: "''")
    let output = try shell.run(Self.notes + "\nSELECT ai_prefetch('\(quoted)');")
    #expect(output.text == "")
    #expect(output.errors.contains("ai_prefetch: \(message)"), "\(output.errors)")
  }

  /// What really is wrong with a statement is told, although some calls were noted before.
  @Test func faultyArgumentsAreLeftToTheStatement() throws {
    let output = try shell.run(
      Self.notes + """

        SELECT json_extract(ai_prefetch('SELECT ai_score(body, ''x''), ai_score(x''00'', ''x'') FROM notes'), '$.computed');
        SELECT ai_score(x'00', 'x');
        """)
    #expect(output.text == "40\n")
    #expect(output.errors.contains("ai_score: argument 1"))
  }

  @Test func aPrefetchInsideAPrefetchDoesNothing() throws {
    let found = try reports("SELECT ai_prefetch('SELECT ai_score(body, ''x'') FROM notes')")
    #expect(found[0]["calls"]?.integerValue == 0)
  }
}
