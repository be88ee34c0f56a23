import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Models on servers, through the stock shell: `Tests/SQLServers/NAME.sql` against a stand-in for a server.
@Suite struct ServerModelTests {
  private static let scripts = SQLScripts(folder: SQLiteShell.package + "/Tests/SQLServers")
  static let cases = scripts.names
  static let key = "sk-never-to-be-seen-7c1d"

  /// A store with a model that writes and one that embeds, and the server that both are on.
  private struct Bed {
    let folder: TemporaryFolder
    let server: LoopbackServer

    init(_ answer: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer) throws {
      folder = try TemporaryFolder()
      server = try LoopbackServer(answer)
      let store = ModelStore(root: folder["home/models"])
      let model = try ServerModel(
        address: server.address, model: "stand-in", access: .init(keyVariable: "SIBYL_TEST_KEY", timeout: 20))
      try store.add("gpt", server: model, kind: .decoder)
      try store.add("vectors", server: model, kind: .encoder)
    }

    var shell: SQLiteShell {
      SQLiteShell(
        environment: [
          "SIBYL_HOME": folder["home"], "SIBYL_CACHE": folder["cache.sqlite3"], "SIBYL_TEST_KEY": key,
        ], database: folder["database"])
    }

    /// Everything that was written anywhere.
    func files() throws -> [Data] {
      let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      return try names.map { folder[$0] }.filter { !FileManager.default.isDirectory($0) }
        .map { try Data(contentsOf: URL(filePath: $0)) }
    }
  }

  @Test func thereAreCases() { #expect(Self.cases.count >= 2) }

  @Test(arguments: cases) func matches(_ name: String) throws {
    let bed = try Bed(Self.standIn)
    let output = try bed.shell.run(".read \(Self.scripts.path(name))")
    let errors = output.errors.replacing(#/(?m)^(?:Runtime|Parse|Error:)[^\n]*? near line (\d+): /#) {
      "line \($0.output.1): "
    }.split(separator: "\n").filter { !$0.hasPrefix("  ") }
    let found = (output.text + "-- errors\n" + errors.map { $0 + "\n" }.joined())
      .replacing("127.0.0.1:\(bed.server.port)", with: "SERVER")
    #expect(try found == Self.scripts.expected(name, recording: found), "Tests/SQLServers/\(name).sql")
    // The key went to the server, and is nowhere else.
    #expect(bed.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer \(Self.key)" })
    #expect(!output.text.contains(Self.key) && !output.errors.contains(Self.key))
    let files = try bed.files()
    #expect(files.count >= 5)
    #expect(files.allSatisfy { $0.range(of: Data(Self.key.utf8)) == nil })
    // Nothing of what views and triggers would have sent.
    #expect(bed.server.requests.allSatisfy { !$0.body.contains("secret") })
  }

  @Test func answersAreKeptFromSessionToSession() throws {
    let bed = try Bed(Self.standIn)
    for _ in 0..<2 {
      let output = try bed.shell.run(#"SELECT ai_generate('once', '{"model":"gpt"}');"#)
      #expect(output.text == "once\n")
    }
    #expect(bed.server.requests.count == 1)
  }

  @Test func aPassingFaultIsNullAndNotKept() throws {
    let bed = try Bed { request in
      request.number < 5 ? .reply(500, "{}") : .reply(200, LoopbackServer.completion("now"))
    }
    let statement = #"SELECT ai_generate('x', '{"model":"gpt","on_error":"null"}');"#
    // Two calls: one fails after five attempts, and the other one is answered.
    #expect(try bed.shell.run(statement + statement).text == "\nnow\n")
  }

  @Test func anInterruptEndsTheCall() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let mark = folder["asked"]
    let bed = try Bed { _ in
      _ = FileManager.default.createFile(atPath: mark, contents: nil)
      return .hang
    }
    var shell = bed.shell
    // The shell takes SIGINT as the user's Ctrl-C.
    shell.preparation = "{ while [ ! -e '\(mark)' ]; do sleep 0.1; done; kill -INT $$; } & true"
    let start = ContinuousClock.now
    let output = try withSignals { try shell.run(#"SELECT ai_generate('x', '{"model":"gpt"}');"#) }
    #expect(output.errors.contains("the call was cancelled"), "\(output.errors)")
    // Long before the 20 seconds of the request.
    #expect(ContinuousClock.now - start < .seconds(15))
  }

  @Test func serversCanBeTurnedOff() throws {
    let bed = try Bed(Self.standIn)
    var shell = bed.shell
    shell.environment["SIBYL_SERVERS"] = "off"
    let output = try shell.run(
      #"""
      SELECT ai_generate('x', '{"model":"gpt"}');
      CREATE VIEW v AS SELECT ai_generate('x', '{"model":"none"}');
      SELECT * FROM v;
      """#)
    #expect(output.errors.contains("SIBYL_SERVERS=off"))
    // The view fails for want of its model alone.
    #expect(!output.errors.contains("unsafe use") && output.errors.contains("\"none\" is not installed"))
    #expect(bed.server.requests.isEmpty)
  }

  @Test func withoutServersNothingChanges() throws {
    let folder = try TemporaryFolder()
    let shell = SQLiteShell(
      environment: ["SIBYL_HOME": folder["home"], "SIBYL_CACHE": folder["cache.sqlite3"]])
    let output = try shell.run(
      #"CREATE VIEW v AS SELECT ai_generate('x', '{"model":"none"}'); SELECT * FROM v;"#)
    #expect(!output.errors.contains("unsafe use") && output.errors.contains("\"none\" is not installed"))
  }

  // MARK: The stand-in

  private static let standIn: @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer = { request in
    guard let body = try? JSON.parse(request.body) else { return .reply(400, "{}") }
    if request.path.hasSuffix("/embeddings") {
      let data = (body["input"]?.arrayValue ?? []).enumerated().map { place, text in
        let letters = Array((text.stringValue ?? "").utf8)
        let counts = [UInt8(ascii: "a"), UInt8(ascii: "b")].map { letter in letters.count { $0 == letter } }
        return #"{"index":\#(place),"embedding":[\#(counts[0] * 3),\#(counts[1] * 8)]}"#
      }
      return .reply(200, #"{"data":[\#(data.joined(separator: ","))]}"#)
    }
    let question = body["messages"]?.arrayValue?.last?["content"]?.stringValue ?? ""
    if question.contains("fail: 401") { return .reply(401, "{}") }
    if question.contains("fail: 400") { return .reply(400, #"{"error":{"message":"too long"}}"#) }
    if question.contains("fail: text") { return .reply(200, LoopbackServer.completion("Sure! Here it is.")) }
    guard let schema = body["response_format"]?["json_schema"]?["schema"] else {
      return .reply(200, LoopbackServer.completion(String(question.split(separator: "\n").last ?? "")))
    }
    let text = question.components(separatedBy: "Text: ").last ?? ""
    var answer = JSONObject()
    for (name, shape) in schema["properties"]?.objectValue ?? [:] {
      let part = text.components(separatedBy: "The label").first ?? text
      let choices = (shape["enum"] ?? shape["items"]?["enum"])?.arrayValue?.compactMap(\.stringValue)
      if let choices {
        let named = choices.filter { part.contains($0) }.map(JSON.string)
        answer[name] = shape["items"] == nil ? named.first ?? .null : .array(named)
      } else if shape["items"] != nil {
        answer[name] = .array([.string(String(part.split(separator: " ").first ?? ""))])
      } else {
        answer[name] = .string(name)
      }
    }
    return .reply(200, LoopbackServer.completion(JSON.object(answer).serialized()))
  }
}

extension FileManager {
  fileprivate func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}
