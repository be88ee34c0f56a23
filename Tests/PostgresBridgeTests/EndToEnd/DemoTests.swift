import Foundation
import Testing

/// What `make demo` and `make demo-postgres` show a newcomer.
@Suite(.endToEnd) struct DemoTests {
  @Test(arguments: [
    ("demo.sh", ["shipping", "SELECT ai_sentiment(body)"]),
    ("demo-postgres.sh", ["shipping", "answered", "(4 rows)"]),
  ]) func runsToItsEnd(_ script: String, _ expected: [String]) throws {
    let cache = FileManager.default.temporaryDirectory.path + "/sibyl-demo-\(UUID().uuidString).sqlite3"
    defer {
      for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: cache + ending) }
    }
    let demo = try ChildProcess(
      "/bin/sh", ["\(BridgeProcess.package)/examples/\(script)", BridgeProcess.command],
      environment: ["SIBYL_CACHE": cache]
    ).end()
    #expect(demo.status == 0 && !demo.errors.contains("ERROR"), "\(demo)")
    for words in expected { #expect(demo.output.contains(words), "\(words): \(demo.output)") }
  }
}
