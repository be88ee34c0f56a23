import Foundation
import Functions
import PostgresBridge
import Testing

/// What is derived from the catalogue, and what it is derived from.
@Suite struct SchemaFileTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test func functionsAreUpToDate() throws {
    let found = try String(contentsOfFile: Self.package + "/sql/postgres/functions.sql", encoding: .utf8)
    #expect(found == FunctionSet().script, "run scripts/generate-postgres.sh")
  }

  /// The files are listed in two places in the sources, and a forgotten one must not go unnoticed.
  @Test func everyFileIsCompiledIn() throws {
    let script = FunctionSet().script
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.package + "/sql/postgres/support")
    #expect(files.count > 10)
    for file in files {
      let name = file.replacingOccurrences(of: ".sql", with: "")
      let schema = name.hasPrefix("ai_") ? "public" : "sibyl"
      #expect(script.contains("CREATE OR REPLACE FUNCTION \(schema).\(name)("), "\(file)")
      #expect(script.contains("COMMENT ON FUNCTION \(schema).\(name)("), "\(file)")
    }
    #expect(!script.contains("{schema}") && !script.contains("{dblink}"))
  }

  /// Migrations are applied in the order of their names, and their number is the schema's version.
  @Test func migrationsAreNumbered() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.package + "/sql/postgres/schema")
      .sorted()
    for (index, file) in files.enumerated() {
      #expect(file.hasPrefix(String(String(index + 1001).dropFirst()) + "-") && file.hasSuffix(".sql"))
    }
    #expect(files.count == PostgresSchema.latestVersion)
  }

  /// What belongs to the session is written by hand for PostgreSQL.
  @Test func everyCatalogueFunctionIsThere() {
    let script = FunctionSet(schema: "elsewhere").script
    for entry in Catalogue.entries {
      for name in [entry.name] + entry.aliases {
        let kind = entry is AIAggregate ? "AGGREGATE" : "FUNCTION"
        let isThere = script.contains("CREATE OR REPLACE \(kind) elsewhere.\(name)(")
        #expect(isThere == entry.isInPostgres, "\(name)")
        #expect(script.contains("COMMENT ON \(kind) elsewhere.\(name)(") == entry.isInPostgres, "\(name)")
      }
    }
  }
}
