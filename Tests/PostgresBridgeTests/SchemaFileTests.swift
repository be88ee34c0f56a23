import Foundation
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
}
