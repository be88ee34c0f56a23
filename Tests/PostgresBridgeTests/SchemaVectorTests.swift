import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Embeddings as pgvector's type, where that extension is on the machine.
@Suite(
  .enabled(
    if: PgvectorExtension.isInstalled, "needs pgvector; on Debian: apt-get install postgresql-15-pgvector"))
struct SchemaVectorTests {
  private let database: BridgeDatabase

  init() throws { database = try BridgeDatabase() }

  private func type(of call: String) throws -> String? {
    try database.connection.query("CREATE TEMPORARY VIEW v AS SELECT \(call) AS answer")
    defer { _ = try? database.connection.query("DROP VIEW v") }
    return try database.value(
      "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'pg_temp.v'::regclass")
  }

  @Test(arguments: ["public", "My Extensions"]) func embeddingsAreVectors(schema: String) throws {
    try database.connection.runScript(
      "CREATE SCHEMA IF NOT EXISTS \"\(schema)\"; CREATE EXTENSION vector SCHEMA \"\(schema)\"")
    let installed = try database.install()
    #expect(installed.embeddingType == .vector(schema: schema))
    try database.fingerprintAll()
    try database.cache("ai_embed", ["a", nil], "{1,0.5,-1e-07}")
    try database.cache("ai_embed", ["b", nil], "{0,1,0}")
    try database.cache("ai_similarity", [.embedding("{1,0.5,-1e-07}"), .text("x")], "0.25")
    try database.cache("ai_similarity", [.embedding("{1,0.5,-1e-07}"), .embedding("{0,1,0}")], "0.75")
    let prefix = schema == "public" ? "" : "\"\(schema)\"."
    #expect(try type(of: "ai_embed('a')") == prefix + "vector")
    #expect(try type(of: "ai_embed(ARRAY['a'])") == prefix + "vector[]")
    #expect(try database.value("SELECT ai_embed('a')") == "[1,0.5,-1e-07]")
    #expect(
      try database.value("SELECT ai_embed(ARRAY['a', NULL, 'b', 'a'])")
        == #"{"[1,0.5,-1e-07]",NULL,"[0,1,0]","[1,0.5,-1e-07]"}"#)
    #expect(try database.value("SELECT ai_embed('{}'::text[])") == "{}")
    #expect(try database.value("SELECT ai_embed(ARRAY[NULL]::text[])") == "{NULL}")
    #expect(try database.value("SELECT ai_similarity(ai_embed('a'), 'x')") == "0.25")
    #expect(try database.value("SELECT ai_similarity(ai_embed('a'), ai_embed('b'))") == "0.75")
    try database.connection.query("SET search_path = public, \"\(schema)\"")
    #expect(try database.value("SELECT ai_embed('b') <-> '[0,1,0]'") == "0")
    #expect(try database.install().changes == [])
  }

  @Test func pgvectorThatComesLater() throws {
    #expect(try database.install().embeddingType == .realArray)
    try database.connection.query("CREATE EXTENSION vector")
    let changed = try database.install()
    #expect(changed.embeddingType == .vector(schema: "public"))
    #expect(
      changed.changes.contains {
        $0.hasPrefix("Replaced public.ai_embed(text, text), public.ai_embed(text[]")
      })
    #expect(try type(of: "ai_embed('a')") == "vector")
    // And goes again, and our functions with it.
    try database.connection.query("DROP EXTENSION vector CASCADE")
    #expect(try database.install().embeddingType == .realArray)
    #expect(try type(of: "ai_embed('a')") == "real[]")
  }

  @Test func whatDependsOnArraysKeepsThem() throws {
    try database.install()
    try database.connection.runScript(
      "CREATE VIEW embeddings AS SELECT ai_embed('a') AS a; CREATE EXTENSION vector")
    let kept = try database.install()
    #expect(kept.embeddingType == .realArray)
    #expect(
      kept.changes.contains {
        $0.hasPrefix(
          "Embeddings stay real[], although pgvector is installed, because of rule _RETURN on view")
      })
    #expect(try type(of: "ai_embed('a')") == "real[]")
    try database.connection.query("DROP VIEW embeddings")
    #expect(try database.install().embeddingType == .vector(schema: "public"))
  }
}
