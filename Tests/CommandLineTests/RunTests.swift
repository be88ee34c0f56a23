import Foundation
import TestSupport
import Testing

/// `sibyl run` without AI: arguments, CSV files, statements, errors.
@Suite struct RunTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("fruit.csv", "id,name,weight\n1,apple,0.5\n2,\"pear, ripe\",\n".utf8)
  }

  private func run(_ arguments: String..., input: String = "") throws -> CommandRun {
    let run = try CommandRun.Started(["run"] + arguments, input: input, in: folder)
    return try run.end()
  }

  @Test func aFileBecomesATable() throws {
    let run = try run("--csv", "fruit.csv", "SELECT *, typeof(id), typeof(weight) FROM fruit")
    #expect(
      run.output == """
         id | name       | weight | typeof(id) | typeof(weight)
        ----+------------+--------+------------+----------------
          1 | apple      |    0.5 | integer    | real
          2 | pear, ripe | NULL   | integer    | null

        """)
    #expect(run.status == 0)
    #expect(run.errors.hasPrefix("2 rows in "))
  }

  @Test func quietSaysNothing() throws {
    let run = try run("-q", "--csv", "fruit.csv", "SELECT 1")
    #expect(run.errors == "")
  }

  @Test func standardInputIsATableOrTheStatements() throws {
    let table = try run("-o", "csv", "--csv", "-", "SELECT max(x) AS m FROM stdin", input: "x\n1\n3\n2\n")
    #expect(table.output == "m\r\n3\r\n")
    let statements = try run("-o", "csv", "--csv", "fruit.csv", "-", input: "SELECT count(*) AS n FROM fruit")
    #expect(statements.output == "n\r\n2\r\n")
    let both = try run("--csv", "-", "-")
    #expect(both.status == 64)
    #expect(both.errors.contains("Standard input can't be both"))
  }

  @Test func statementsComeFromAFile() throws {
    try folder.write("two.sql", "SELECT 1 AS a;\n-- nothing\n;SELECT 2 AS b; ".utf8)
    let run = try run("--csv", "fruit.csv", "--file", "two.sql", "-o", "json")
    #expect(run.output == "[{\"a\":1}]\n[{\"b\":2}]\n")
  }

  @Test func resultsAreApart() throws {
    #expect(
      try run("--csv", "fruit.csv", "SELECT 1 AS a; SELECT 2 AS b", "-o", "csv").output
        == "a\r\n1\r\n\nb\r\n2\r\n")
  }

  @Test func severalFilesCanBeJoined() throws {
    try folder.write("price list.csv", "fruit;price\n1;3\n2;4\n".utf8)
    let run = try run(
      "--csv", "fruit.csv", "--csv", "price list.csv", "SELECT count(*) AS n FROM fruit, \"price list\"",
      "-o", "csv")
    #expect(run.output == "n\r\n4\r\n")
    let split = try self.run(
      "--csv", "price list.csv", "--delimiter", ";", "SELECT sum(price) AS s FROM \"price list\"", "-o", "csv"
    )
    #expect(split.output == "s\r\n7\r\n")
  }

  @Test func aDatabaseKeepsWhatIsWrittenAndNotTheFile() throws {
    let written = try run("--csv", "fruit.csv", "new.db", "CREATE TABLE kept AS SELECT * FROM fruit")
    #expect(written.status == 0)
    let read = try run("new.db", "SELECT name FROM sqlite_schema", "-o", "csv")
    #expect(read.output == "name\r\nkept\r\n")
    #expect(try run("new.db", "SELECT count(*) AS n FROM kept", "-o", "csv").output == "n\r\n2\r\n")
  }

  @Test func writingStatementsCountRows() throws {
    let run = try run(
      "--create", "new.db",
      "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3); UPDATE t SET a = 0 WHERE a > 1")
    #expect(run.errors.hasPrefix("5 rows in "))
    #expect(run.output == "")
  }

  @Test func returningPrintsRows() throws {
    let run = try run(
      "--create", "new.db", "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2) RETURNING a", "-o", "csv")
    #expect(run.output == "a\r\n1\r\n2\r\n")
  }

  @Test func aMissingDatabaseIsNotMadeUnasked() throws {
    let run = try run("absent.db", "SELECT 1")
    #expect(run.status == 1)
    #expect(run.errors.contains("There is no database at absent.db"))
    #expect(run.errors.contains("--create"))
    #expect(!FileManager.default.fileExists(atPath: folder["absent.db"]))
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    let run = try run("fruit.csv", "SELECT * FROM sqlite_schema")
    #expect(run.status == 1)
    #expect(run.errors.contains("file is not a database"))
  }

  @Test func errorsShowThePlace() throws {
    let run = try run("--csv", "fruit.csv", "SELECT 1 AS one;\nSELECT name,\n       colour FROM fruit")
    #expect(run.status == 1)
    #expect(run.output.contains("one"))
    #expect(run.errors == "error: no such column: colour\n         colour FROM fruit\n         ^\n")
  }

  @Test func aFailedStatementEndsTheRunAndKeepsWhatWasBefore() throws {
    let run = try run(
      "--create", "new.db",
      "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2), (1); DROP TABLE t")
    #expect(run.status == 1)
    #expect(run.errors.contains("UNIQUE constraint failed: t.a"))
    #expect(try self.run("new.db", "SELECT a FROM t", "-o", "csv").output == "a\r\n1\r\n")
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "file.csv, line 3: the header names 2 columns, but this record has 1 field"),
    ("a\n\"x", "file.csv, line 2: a quotation that starts in this record is never closed"),
    ("", "file.csv is empty; its first line should name the columns"),
  ])
  func aFaultyFileIsToldByLine(text: String, message: String) throws {
    try folder.write("file.csv", text.utf8)
    let run = try run("--csv", "file.csv", "SELECT 1")
    #expect(run.status == 1)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test func aMissingFileIsTold() throws {
    #expect(
      try run("--csv", "absent.csv", "SELECT 1").errors.contains("absent.csv can't be read: No such file"))
  }

  @Test func blankLinesAreNoRows() throws {
    try folder.write("file.csv", "a,b\n\n1,2\n\n\n".utf8)
    #expect(try run("--csv", "file.csv", "SELECT * FROM file", "-o", "csv").output == "a,b\r\n1,2\r\n")
  }

  @Test(arguments: [
    ["run"], ["run", "a.db"], ["run", "a.db", "SELECT", "1"], ["run", "--csv", "fruit.csv"],
  ])
  func wrongArgumentsAreExplained(arguments: [String]) throws {
    let run = try CommandRun.Started(arguments, in: folder).end()
    #expect(run.status == 64)
    #expect(run.errors.contains("sibyl run DATABASE SQL"))
  }

  /// What is printed as CSV becomes the same table again.
  @Test func csvOutputIsCSVInput() throws {
    let text = "name,note,n\r\n\"a \"\"b\"\"\",\"two\nlines\",1\r\n\"\",,-2.5\r\n日本,\"x,y\",0.25\r\n"
    try folder.write("file.csv", text.utf8)
    #expect(
      try run("--csv", "file.csv", "SELECT * FROM file", "-o", "csv").output
        == text.replacing(",1\r\n", with: ",1.0\r\n"))
  }

  @Test func aReaderThatLeavesEndsTheRun() throws {
    let script = """
      "$SIBYL_COMMAND" run -q --csv fruit.csv \
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n' -o csv | head -n 3
      """
    let run = try CommandRun.Started(["-c", script], program: "/bin/sh", in: folder).end()
    #expect(run.output == "i\r\n1\r\n2\r\n")
    #expect(run.errors == "")
  }

  @Test func versionsAndFunctionsAreListed() throws {
    #expect(try CommandRun("version", in: folder).output.hasPrefix("sibyl "))
    #expect(try CommandRun("--version", in: folder).output.hasPrefix("sibyl "))
    #expect(try CommandRun("functions", in: folder).output.contains("ai_embed(text[, model]) -> "))
    #expect(
      try CommandRun("functions", "--markdown", in: folder).output.contains("| `ai_embed(text[, model])` |"))
    #expect(try CommandRun("functions", "--json", "--markdown", in: folder).status == 64)
  }
}
