import Foundation
import TestSupport
import Testing

/// A model that is missing or damaged: a clear error through the shell, and functions that need no model go on.
@Suite struct ModelFaultTests {
  private func run(home: String, _ sql: String) throws -> SQLiteShell.Output {
    let variables = ["SIBYL_HOME": home, "SIBYL_CACHE": "off"]
    return try SQLiteShell(environment: variables).run(sql)
  }

  @Test func missingModelNamesTheCommandThatInstallsIt() throws {
    let scratch = try TemporaryFolder()
    let output = try run(
      home: scratch["home"],
      "SELECT ai_version() IS NOT NULL;\nSELECT ai_embed('x');\nSELECT * FROM ai_chunk('x');\n"
        + "SELECT ai_similarity(x'0000803f', x'0000803f');")
    #expect(output.text == "1\n1.0\n")
    #expect(output.errors.contains("ai_embed: the model \"minilm\" is not installed"))
    #expect(output.errors.contains("ai_chunk: the model \"minilm\" is not installed"))
    #expect(output.errors.contains("sibyl models pull minilm"))
  }

  @Test func cutOffWeightsAreAnError() throws {
    let scratch = try TemporaryFolder()
    try InstalledModel.copy(to: scratch["home"]) { try $0.truncate(atOffset: 1_000_000) }
    let output = try run(home: scratch["home"], "SELECT length(ai_embed('x'));\nSELECT 'alive';")
    #expect(output.text == "alive\n")
    #expect(output.errors.contains("ai_embed: "))
    #expect(output.errors.contains("minilm"))
  }

  @Test func oneChangedByteIsAnError() throws {
    let scratch = try TemporaryFolder()
    try InstalledModel.copy(to: scratch["home"]) { file in
      try file.seek(toOffset: 40_000_000)
      let byte = try file.read(upToCount: 1)?.first ?? 0
      try file.seek(toOffset: 40_000_000)
      try file.write(contentsOf: Data([byte ^ 1]))
    }
    let output = try run(home: scratch["home"], "SELECT length(ai_embed('x'));\nSELECT 'alive';")
    #expect(output.text == "alive\n")
    #expect(output.errors.contains("has changed since it was installed"))
    #expect(output.errors.contains("--force"))
  }

  @Test func damagedManifestIsAnError() throws {
    let scratch = try TemporaryFolder()
    try InstalledModel.copy(to: scratch["home"]) { _ in }
    try "{".write(toFile: scratch["home/models/minilm/manifest.json"], atomically: true, encoding: .utf8)
    let output = try run(
      home: scratch["home"], "SELECT length(ai_embed('x'));\n" + "SELECT name FROM ai_models();")
    #expect(output.errors.contains("ai_embed: "))
    #expect(output.text.contains("minilm"))
  }
}
