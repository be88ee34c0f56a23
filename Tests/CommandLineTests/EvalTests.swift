import Foundation
import JSON
import TestSupport
import Testing

/// `sibyl eval`: figures, and what has become of them.
@Suite struct EvalTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var rows = "guess,label\n"
    for id in 1...200 { rows += "\(id % 10 == 0 ? "b" : "a"),\(id % 4 == 0 ? "b" : "a")\n" }
    try folder.write("t.csv", rows.utf8)
    let made = try run("run", "--csv", "t.csv", "t.db", "CREATE TABLE labelled AS SELECT * FROM t")
    try #require(made.status == 0, "\(made.errors)")
  }

  private func run(_ arguments: String...) throws -> CommandRun {
    try CommandRun.Started(arguments, in: folder).end()
  }

  @Test func printsFiguresAndRemembersThem() throws {
    let sql = "SELECT guess, label FROM labelled"
    let first = try run("eval", "t.db", sql)
    #expect(first.status == 0, "\(first.errors)")
    // 140 of 150 a's and 10 of 50 b's.
    #expect(first.output.contains(" a     | 150  | 77.8%     | 93.3%  | 84.8% | b (10)"), "\(first.output)")
    #expect(first.output.contains("\n200 rows\naccuracy 75.0% (95%: "), "\(first.output)")
    #expect(!first.output.contains(" since "))

    let second = try run("eval", "t.db", "SELECT label, label FROM labelled")
    #expect(
      second.output.contains("accuracy 100.0% (95%: 100.0% to 100.0%), +25.0 since 20"), "\(second.output)")
    // Another name has a history of its own.
    let other = try run("eval", "t.db", sql, "--name", "other", "--output", "json")
    #expect(try JSON.parse(other.output)["accuracy"]?.numberValue == 0.75)
    let third = try run("eval", "t.db", sql, "--name", "other")
    #expect(third.output.contains(", +0.0 since 20"), "\(third.output)")
    let kept = try run(
      "run", "t.db", "SELECT name, accuracy, json_extract(report, '$.rows') AS n FROM sibyl_evaluations",
      "-o", "csv")
    #expect(
      kept.output
        == "name,accuracy,n\r\ndefault,0.75,200\r\ndefault,1.0,200\r\nother,0.75,200\r\nother,0.75,200\r\n")
  }

  @Test func writesNothingWhereItMayNot() throws {
    let run = try run("eval", "t.db", "SELECT guess, label FROM labelled", "--no-history")
    #expect(run.status == 0)
    let tables = try self.run(
      "run", "t.db", "SELECT count(*) AS n FROM sqlite_master WHERE name LIKE 'sibyl%'", "-o", "csv")
    #expect(tables.output == "n\r\n0\r\n")
  }

  @Test func refusesWhatGivesNoLabels() throws {
    let refused = [
      ("t.db", "SELECT guess FROM labelled", "2 to 3 columns"),
      ("t.db", "SELECT guess, NULL FROM labelled", "only rows where that is NULL"),
      ("t.db", "DELETE FROM labelled", "must be a SELECT"),
      ("missing.db", "SELECT 1, 2", "There is no database at"),
    ]
    for (database, sql, reason) in refused {
      let run = try run("eval", database, sql)
      #expect(run.status == 1 && run.errors.contains(reason), "\(sql): \(run.errors)")
    }
  }
}
