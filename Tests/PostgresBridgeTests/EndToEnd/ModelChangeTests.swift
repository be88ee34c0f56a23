import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// The default model is changed while the bridge runs: from then on nobody gets an answer of the model before, and
/// none is kept under the wrong name.
@Suite(.endToEnd) struct ModelChangeTests {
  /// A home with the installed model and another one, which gives other vectors.
  private static func makeHome() throws -> String {
    let home = "/tmp/sibyl-home-\(UUID().uuidString)"
    let other = home + "/other-weights"
    let files = FileManager.default
    try files.createDirectory(atPath: home, withIntermediateDirectories: true)
    try files.copyItem(atPath: EndToEnd.model, toPath: other)
    for name in ["manifest.json", "stamp.json"] { try? files.removeItem(atPath: other + "/" + name) }
    let weights = try FileHandle(forUpdating: URL(filePath: other + "/model.safetensors"))
    let size = try weights.seekToEnd()
    try weights.seek(toOffset: size / 4 * 3 & ~3)
    try weights.write(contentsOf: Data(count: 256 << 10))
    try weights.close()
    for (name, path) in [("minilm", EndToEnd.model), ("other", other)] {
      let ending = try ChildProcess(
        BridgeProcess.command, ["models", "add", name, path], environment: ["SIBYL_HOME": home]
      ).end()
      guard ending.status == 0 else { throw ChildProcess.Failure(description: ending.errors) }
    }
    return home
  }

  @Test func aChangeHoldsAtOnce() throws {
    let home = try Self.makeHome()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), home: home)
    let connection = try bed.connect()
    let reader = try bed.connect(as: bed.role("reader"))
    func embedding(_ text: String, _ model: String? = nil) throws -> String {
      try reader.value("SELECT ai_embed($1, $2)", [.text(text), model.map { .text($0) } ?? .null]) ?? ""
    }
    func use(_ model: String) throws {
      #expect(try connection.value("SELECT ai_config('embedding_model', $1)", [.text(model)]) == model)
    }
    let lamp = try embedding("A lamp")
    #expect(try embedding("A lamp", "other") != lamp)
    try bed.waitForCachedAnswers(1)
    for round in 0..<4 {
      let mat = "Mat number \(round)"
      try use("other")
      // Neither the cached answer of the other model, nor a new one under its name.
      #expect(try embedding("A lamp") != lamp)
      let found = try embedding(mat)
      try use("minilm")
      #expect(try embedding("A lamp") == lamp)
      #expect(try embedding(mat) != found)
      #expect(try embedding(mat) == embedding(mat, "minilm"))
      #expect(try embedding(mat, "other") == found)
    }
    // In every session, and still when all is cached.
    try bed.waitForCachedAnswers(10)
    for round in 0..<4 {
      #expect(try embedding("Mat number \(round)") == embedding("Mat number \(round)", "minilm"))
    }
    #expect(try connection.value("SELECT ai_config('embedding_model')") == "minilm")
  }
}
