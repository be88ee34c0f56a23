import Foundation
import PostgresTestSupport
import TestSupport
import Testing

/// Runs each `Tests/SQLPostgres/FOLDER/NAME.sql` through the real psql, as a superuser of a database with a bridge,
/// and compares with `NAME.expected`: what psql printed, errors with their SQLSTATE among it.
///
/// To record new answers: `SIBYL_RECORD_SQL=1 swift test -c release --filter SQLPostgresTests`, then read the
/// difference.
@Suite(.endToEnd) struct SQLPostgresTests {
  private static let scripts = SQLScripts(folder: BridgeProcess.package + "/Tests/SQLPostgres")

  static let cases = scripts.names

  @Test func thereAreCases() {
    #expect(Self.cases.count >= 15)
  }

  @Test(arguments: cases) func matches(_ name: String) throws {
    let bed = try EndToEnd.shared.get()
    let script = try String(contentsOfFile: Self.scripts.path(name), encoding: .utf8)
    let ending = try ChildProcess.psql(
      bed.dsn,
      [
        "-q", "-A", "-t", "-P", "null=NULL", "-v", "VERBOSITY=verbose", "-v", "SHOW_CONTEXT=never", "-f", "-",
      ], input: script,
      mergesErrors: true
    ).end()
    let found = Self.transcript(ending.output)
    #expect(try found == Self.scripts.expected(name, recording: found), "Tests/SQLPostgres/\(name).sql")
  }

  /// Every function has a folder, so that a new one is not forgotten.
  @Test func everyFunctionHasAFolder() throws {
    let names = try EndToEnd.shared.get().connect().query("SELECT name FROM ai_functions()")
    for row in names.rows {
      #expect(
        Self.cases.contains { $0.hasPrefix("\(row[0] ?? "")/") },
        "Tests/SQLPostgres/\(row[0] ?? "") is missing")
    }
    #expect(names.count >= 14)
  }

  /// Where in PostgreSQL's source an error was raised, and where in the statement, differs from version to version.
  private static func transcript(_ output: String) -> String {
    let lines = output.replacing(#/(?m)^psql:<stdin>:(\d+): /#) { "line \($0.output.1): " }
      .split(separator: "\n", omittingEmptySubsequences: false)
    return lines.filter { !$0.hasPrefix("LOCATION:") && !$0.hasPrefix("LINE ") && !$0.hasPrefix("        ") }
      .joined(separator: "\n")
  }
}
