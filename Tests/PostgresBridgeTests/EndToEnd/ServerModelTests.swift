import Foundation
import PostgresClient
import PostgresTestSupport
import TestSupport
import Testing

/// Models on servers, asked by the bridge.
@Suite(.endToEnd) struct ServerModelTests {
  private static func bed(_ server: LoopbackServer) throws -> (EndToEnd, home: String) {
    let home = "/tmp/sibyl-home-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    for arguments in [
      ["models", "add", "minilm", EndToEnd.model],
      ["models", "add", "gpt", "--openai", server.address, "--model", "stand-in", "--timeout", "15"],
      ["models", "add", "vectors", "--openai", server.address, "--model", "stand-in", "--embeddings"],
    ] {
      let ending = try ChildProcess(
        BridgeProcess.command, arguments, environment: ["SIBYL_HOME": home]
      ).end()
      guard ending.status == 0 else { throw ChildProcess.Failure(description: ending.errors) }
    }
    return (try EndToEnd(on: try ThrowawayPostgres.shared.get(), home: home), home)
  }

  @Test func answersComeFromTheServerOnce() throws {
    let server = try LoopbackServer { request in
      request.path.hasSuffix("/embeddings")
        ? .reply(200, #"{"data":[{"index":0,"embedding":[3,4]}]}"#)
        : .reply(200, LoopbackServer.completion("from afar"))
    }
    let (bed, home) = try Self.bed(server)
    defer { try? FileManager.default.removeItem(atPath: home) }
    let connection = try bed.connect()
    let ask = #"SELECT ai_generate('Say something', '{"model":"gpt"}')"#
    #expect(try connection.value(ask) == "from afar")
    try bed.waitForCachedAnswers(1)
    #expect(try connection.value(ask) == "from afar")
    #expect(server.requests.count == 1)
    #expect(try connection.value("SELECT ai_embed('text', 'vectors')::real[]") == "{0.6,0.8}")
  }

  @Test func aCancelledStatementEndsTheRequest() throws {
    let server = try LoopbackServer { _ in .hang }
    let (bed, home) = try Self.bed(server)
    defer { try? FileManager.default.removeItem(atPath: home) }
    let connection = try bed.connect()
    _ = try connection.value("SET statement_timeout = '1s'")
    let start = ContinuousClock.now
    #expect(throws: (any Error).self) {
      _ = try connection.value(#"SELECT ai_generate('x', '{"model":"gpt"}')"#)
    }
    // Long before the request's own time.
    #expect(ContinuousClock.now - start < .seconds(12))
  }
}
