import Foundation
import TestSupport
import Testing

/// Runs each `Tests/SQL/FOLDER/NAME.sql` through the stock shell and compares with `NAME.expected`: what the
/// shell printed, then under a line `-- errors` what it complained of.
///
/// To record new answers: `SIBYL_RECORD_SQL=1 swift test -c release --filter SQLRegressionTests`, then read
/// the difference.
@Suite struct SQLRegressionTests {
  private static let scripts = SQLScripts(folder: SQLiteShell.package + "/Tests/SQL")

  static let cases = scripts.names

  @Test func thereAreCases() {
    #expect(Self.cases.count >= 15)
  }

  @Test(arguments: cases) func matches(_ name: String) throws {
    let scratch = try TemporaryFolder()
    let shell = SQLiteShell(environment: ["SIBYL_CACHE": scratch["cache.sqlite3"]])
    let output = try shell.run(".read \(Self.scripts.path(name))")
    let found = Self.transcript(output)
    #expect(try found == Self.scripts.expected(name, recording: found), "Tests/SQL/\(name).sql")
  }

  /// Every function has a folder, so that a new one is not forgotten.
  @Test func everyFunctionHasAFolder() throws {
    let output = try SQLiteShell().run("SELECT name FROM ai_functions();")
    for name in output.text.split(separator: "\n") {
      #expect(Self.cases.contains { $0.hasPrefix("\(name)/") }, "Tests/SQL/\(name) is missing")
    }
    #expect(output.text.contains("ai_embed"))
  }

  private static func transcript(_ output: SQLiteShell.Output) -> String {
    guard !output.errors.isEmpty else { return output.text }
    // The shell's wording around an error differs from version to version.
    let errors = output.errors.replacing(#/(?m)^(?:Runtime|Parse|Error:)[^\n]*? near line (\d+): /#) {
      "line \($0.output.1): "
    }
    // Nor does the statement that some versions repeat, indented, below the error.
    let lines = errors.split(separator: "\n").filter { !$0.hasPrefix("  ") }
    return output.text + "-- errors\n" + lines.map { $0 + "\n" }.joined()
  }
}
