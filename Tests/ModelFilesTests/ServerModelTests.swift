import Diagnostics
import ModelFiles
import TestSupport
import Testing

/// Models on servers, as the store keeps them.
@Suite struct ServerModelTests {
  private static func server(_ address: String, timeout: Int = 120) throws -> ServerModel {
    try ServerModel(address: address, model: "name", access: .init(timeout: timeout))
  }

  @Test(arguments: [
    ("http://localhost:8080", "http://localhost:8080/v1"), ("HTTPS://Host/v1/", "https://host/v1"),
    ("http://[::1]:80/api/v3", "http://[::1]:80/api/v3"), ("https://host/", "https://host/v1"),
  ]) func addresses(_ given: String, _ expected: String) throws {
    #expect(try ServerAddress(given).text == expected)
  }

  @Test(arguments: [
    "", "host", "ftp://host", "http://", "http://:80", "http://host:0", "http://host:99999", "http://host:8x",
    "http://user:secret@host", "http://host?key=secret", "http://host#secret", "http://ho st",
    "http://host\n",
    "http://[::1", "http://host\\@other",
  ]) func wrongAddresses(_ given: String) throws {
    let error = #expect(throws: SibylError.self) { _ = try ServerAddress(given) }
    #expect(error?.message.contains("secret") == false)
  }

  @Test func whichServersAreThisMachine() throws {
    for address in ["http://localhost:1", "http://127.0.0.1", "http://127.9.9.9:5/v1", "http://[::1]"] {
      #expect(try ServerAddress(address).isLocal, "\(address)")
    }
    for address in ["http://127.0.0.1.example.org", "http://localhost.example.org", "http://10.0.0.1"] {
      #expect(try !ServerAddress(address).isLocal, "\(address)")
    }
  }

  @Test func theStoreKeepsThem() throws {
    let folder = try TemporaryFolder()
    let store = ModelStore(root: folder["store"])
    let server = try Self.server("http://host:1/v1")
    let added = try store.add("gpt", server: server, kind: .decoder)
    #expect(added.isRemote && added.manifest.kind == .decoder)
    #expect(try store.model(named: "gpt").server() == server)
    #expect(try store.verify("gpt").digest == added.digest)
    #expect(try store.list().map(\.name) == ["gpt"])
    #expect(throws: SibylError.self) { _ = try store.add("gpt", server: server, kind: .decoder) }
    try store.remove("gpt")
    #expect(try store.list().isEmpty)
  }

  @Test func theDigestIsThatOfWhatDecidesTheAnswer() throws {
    let folder = try TemporaryFolder()
    let store = ModelStore(root: folder["store"])
    let digest = try store.add("a", server: Self.server("http://host/v1"), kind: .decoder).digest
    #expect(
      try store.add("b", server: Self.server("http://host/v1/", timeout: 5), kind: .decoder).digest == digest)
    #expect(try store.add("c", server: Self.server("http://other/v1"), kind: .decoder).digest != digest)
    #expect(try store.add("d", server: Self.server("http://host/v1"), kind: .encoder).digest != digest)
  }

  @Test func aChangedDescriptionIsNoticed() throws {
    let folder = try TemporaryFolder()
    let store = ModelStore(root: folder["store"])
    try store.add("gpt", server: Self.server("http://host/v1"), kind: .decoder)
    try folder.write(
      "store/gpt/server.json", Array(#"{"interface":"openai","address":"http://evil/v1"}"#.utf8))
    let error = #expect(throws: SibylError.self) { _ = try store.model(named: "gpt") }
    #expect(error?.message.contains("--openai") == true)
  }

  @Test func nobodyWritesAKeyWhereAVariableBelongs() throws {
    let error = #expect(throws: SibylError.self) { _ = try ServerModel.Access(keyVariable: "sk-proj-12") }
    #expect(error?.message.contains("sk-proj-12") == false)
    for timeout in [0, -1, 3_601] {
      #expect(throws: SibylError.self) { _ = try ServerModel.Access(timeout: timeout) }
    }
    #expect(throws: SibylError.self) { _ = try ServerModel.Access(concurrency: 0) }
  }
}
