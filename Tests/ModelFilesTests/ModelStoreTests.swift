import Diagnostics
import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct ModelStoreTests {
  let folder: TemporaryFolder
  let store: ModelStore

  init() throws {
    folder = try TemporaryFolder()
    store = ModelStore(root: folder.path + "/home/models")
    try ModelFolderBuilder.write(into: folder)
  }

  private var tiny: String { folder.path + "/tiny" }

  // MARK: Adding

  @Test(arguments: [false, true])
  func addsAFolder(copying: Bool) throws {
    let added = try store.add("mine", path: tiny, copying: copying)
    let model = try store.model(named: "mine")
    #expect(model.manifest == added.manifest)
    #expect(model.folder == (copying ? store.root + "/mine" : tiny))
    #expect(model.manifest.kind == .encoder)
    #expect(model.manifest.format == .safetensors)
    #expect(model.manifest.architecture == "bert")
    #expect(model.manifest.dimensions == 4)
    #expect(model.manifest.licence == "apache-2.0")
    #expect(
      model.manifest.files.map(\.name) == [
        "1_Pooling/config.json", "config.json", "model.safetensors", "vocab.txt",
      ])
    // However a model came here, its bytes are its identity.
    #expect(model.digest == ModelFolderBuilder.entry().digest)
    #expect(try model.file("vocab.txt") == Array("[PAD]\n[UNK]\nhello\n".utf8))
    #expect(try model.safetensors().floats("scalar", shape: []) == [7])
    #expect(try store.path(of: "mine") == model.folder)
    #expect(try folder.names("home/models") == [".mine.lock", "mine"])

    if copying { try FileManager.default.removeItem(atPath: tiny) }
    #expect(try store.verify("mine").digest == added.digest)
  }

  @Test func aTakenNameNeedsForce() throws {
    let first = try store.add("mine", path: tiny, copying: true)
    try folder.write("tiny/vocab.txt", "[PAD]\n".utf8)
    expectError("a model named \"mine\" is already installed", kind: .invalidArgument) {
      try store.add("mine", path: tiny)
    }
    #expect(try store.model(named: "mine").digest == first.digest)
    let second = try store.add("mine", path: tiny, replacing: true)
    #expect(second.digest != first.digest)
    #expect(try store.model(named: "mine").digest == second.digest)
    #expect(try folder.names("home/models/mine") == ["manifest.json", "stamp.json"])
    #expect(try folder.names("home/models") == [".mine.lock", "mine"])
  }

  @Test(arguments: ["", "Mine", "../x", ".x", "a/b", "a b", "é", "-x", String(repeating: "a", count: 65)])
  func refusesNames(name: String) {
    expectError("is no model's name", kind: .invalidArgument) { try store.add(name, path: tiny) }
    expectError("is no model's name", kind: .invalidArgument) { try store.model(named: name) }
    expectError("is no model's name", kind: .invalidArgument) { try store.remove(name) }
    #expect(!FileManager.default.fileExists(atPath: store.root))
  }

  @Test func refusesFoldersThatHoldNoModel() throws {
    func refuse(_ part: String, kind: SibylError.Kind = .invalidArgument, path: String? = nil) {
      expectError(part, kind: kind) { try store.add("mine", path: path ?? tiny) }
      #expect((try? store.list().count) == 0)
    }
    refuse("cannot find", kind: .unavailable, path: folder.path + "/absent")
    refuse("is no model that Sibyl knows", path: tiny + "/vocab.txt")
    refuse("has no model.safetensors", path: tiny + "/1_Pooling")

    try folder.write("tiny/config.json", "{}".utf8)
    refuse("does not say its \"model_type\"", kind: .corruptFile)
    try folder.write("tiny/config.json", "{".utf8)
    refuse("config.json cannot be used: invalid JSON", kind: .corruptFile)
    try FileManager.default.removeItem(atPath: tiny + "/config.json")
    refuse("has no config.json")
    try ModelFolderBuilder.write(into: folder)
    try FileManager.default.removeItem(atPath: tiny + "/vocab.txt")
    refuse("has neither vocab.txt nor tokenizer.json")
    try folder.write("tiny/model.safetensors", SafetensorsBuilder.smallFile().dropLast())
    refuse("is not a sound safetensors file", kind: .corruptFile)
    try FileManager.default.removeItem(atPath: tiny + "/model.safetensors")
    try folder.write("tiny/model-1.safetensors", [0])
    try folder.write("tiny/model-2.safetensors", [0])
    refuse("holds 2 safetensors files")
  }

  @Test func addsAGGUFFile() throws {
    let (bytes, headerEnd) = GGUFBuilder.smallModel().build()
    let path = try folder.write("small.gguf", bytes)
    let model = try store.add("small", path: path)
    #expect(model.manifest.format == .gguf)
    #expect(model.manifest.kind == .decoder)
    #expect(model.manifest.architecture == "llama")
    #expect(model.manifest.dimensions == 4)
    #expect(model.manifest.licence == "mit")
    #expect(model.weightsPath == path)
    #expect(try model.gguf().floats("norm", shape: [4]) == [1, 2, 3, 4])
    expectError("not safetensors", kind: .invalidArgument) { try model.safetensors() }
    try store.add("mine", path: tiny)
    expectError("not gguf", kind: .invalidArgument) { try store.model(named: "mine").gguf() }

    for cut in [0, 3, 4, 20, headerEnd / 2, headerEnd, bytes.count - 1] {
      #expect(throws: SibylError.self) {
        try store.add("cut", path: folder.write("cut.gguf", bytes[..<cut]))
      }
    }
    func refuse(
      _ sentence: String, kind: SibylError.Kind = .invalidArgument, _ change: (inout GGUFBuilder) -> Void
    ) throws {
      var builder = GGUFBuilder.smallModel()
      change(&builder)
      let path = try folder.write("odd.gguf", builder.build().bytes)
      expectError(sentence, kind: kind) { try store.add("odd", path: path) }
    }
    try refuse("is no model that Sibyl knows") { $0.magic = Array("GGML".utf8) }
    try refuse("version 9", kind: .corruptFile) { $0.version = 9 }
    try refuse("is one of 3 pieces of a model") { $0.add("split.count", 3) }
    try refuse("holds no weights") { $0.tensors = [] }
  }

  // MARK: Reading

  @Test func aMissingModelSaysWhatToDo() {
    expectError(
      "the model \"minilm\" is not installed; install it with: sibyl models pull minilm", kind: .missingModel
    ) { try store.model(named: "minilm") }
    expectError(
      "the model \"bge\" is not installed; install it with: sibyl models add bge PATH", kind: .missingModel
    ) { try store.verify("bge") }
    expectError("is not installed", kind: .missingModel) { try store.path(of: "bge") }
    expectError("is not installed", kind: .missingModel) { try store.remove("bge") }
  }

  @Test func noticesATamperedFile() throws {
    try store.add("mine", path: tiny, copying: true)
    let weights = "home/models/mine/model.safetensors"
    var bytes = try folder.contents(weights)
    let sound = bytes
    bytes[bytes.count - 1] ^= 1
    try folder.write(weights, bytes)
    let sentence =
      "the model \"mine\" has changed since it was installed: the SHA-256 of model.safetensors is "
      + "\(Digest(of: bytes)), the manifest says \(Digest(of: sound)); if the change is wanted, register it "
      + "with: sibyl models add mine PATH --force"
    expectError(sentence) { try store.model(named: "mine") }
    expectError(sentence) { try store.model(named: "mine") }
    expectError(sentence) { try store.verify("mine") }

    try folder.write(weights, sound)
    #expect(throws: Never.self) { try store.model(named: "mine") }
    try FileManager.default.removeItem(atPath: folder.path + "/" + weights)
    expectError("has lost a file") { try store.model(named: "mine") }
    #expect(try store.list().map { $0.fault?.kind } == [.corruptFile])
  }

  @Test func aChangeWithTheOldTimesIsNoticed() throws {
    try store.add("mine", path: tiny)
    var status = stat()
    #expect(stat(tiny + "/vocab.txt", &status) == 0)
    try folder.write("tiny/vocab.txt", "[PAD]\n[UNK]\nhallo\n".utf8)
    #if canImport(Darwin)
      var times = [status.st_atimespec, status.st_mtimespec]
    #else
      var times = [status.st_atim, status.st_mtim]
    #endif
    #expect(utimensat(AT_FDCWD, tiny + "/vocab.txt", &times, 0) == 0)
    expectError("the SHA-256 of vocab.txt is") { try store.model(named: "mine") }
  }

  @Test func aTouchedFileIsHashedAgainAndStampedAnew() throws {
    try store.add("mine", path: tiny)
    let before = try folder.contents("home/models/mine/stamp.json")
    // The same bytes in a new file.
    let bytes = try folder.contents("tiny/vocab.txt")
    try FileManager.default.removeItem(atPath: tiny + "/vocab.txt")
    try folder.write("tiny/vocab.txt", bytes)
    #expect(throws: Never.self) { try store.model(named: "mine") }
    let after = try folder.contents("home/models/mine/stamp.json")
    #expect(before != after)
    #expect(throws: Never.self) { try store.model(named: "mine") }
    #expect(try folder.contents("home/models/mine/stamp.json") == after)
  }

  @Test(arguments: ["", "{", "{\"digest\":1}", "[]", "{\"digest\":\"x\",\"files\":{\"vocab.txt\":[1,2]}}"])
  func aDamagedStampIsReplaced(stamp: String) throws {
    try store.add("mine", path: tiny)
    let sound = try folder.contents("home/models/mine/stamp.json")
    try folder.write("home/models/mine/stamp.json", stamp.utf8)
    #expect(throws: Never.self) { try store.model(named: "mine") }
    let files = try JSON.parse(folder.contents("home/models/mine/stamp.json"))["files"]
    #expect(files == (try JSON.parse(sound)["files"]))
  }

  @Test func filesAreCheckedWhenTheyAreRead() throws {
    let model = try store.add("mine", path: tiny)
    try folder.write("tiny/vocab.txt", "[PAD]\n[UNK]\nhallo\n".utf8)
    expectError("the SHA-256 of vocab.txt is") { try model.file("vocab.txt") }
    expectError("has no file modules.json") { try model.file("modules.json") }
    expectError("at most 10 are expected") { try model.file("config.json", limit: 10) }
    try folder.write("tiny/model.safetensors", SafetensorsBuilder.smallFile())
    expectError("were replaced just now", kind: .unavailable) { try model.safetensors() }
  }

  @Test func refusesADamagedManifest() throws {
    let sound = try store.add("mine", path: tiny).manifest.json
    let path = "home/models/mine/manifest.json"
    func changed(_ key: String, _ value: JSON?) -> String {
      var object = sound.objectValue ?? JSONObject()
      object[key] = value
      return JSON.object(object).serialized()
    }
    func withFile(_ name: String, size: JSON = 1, sha256: String = String(repeating: "0", count: 64))
      -> String
    {
      let file: JSON = ["name": .string(name), "size": size, "sha256": .string(sha256)]
      return changed("files", .array((sound["files"]?.arrayValue ?? []) + [file]))
    }
    let damaged = [
      "", "{", "[]", changed("name", "other"), changed("name", nil), changed("kind", "oracle"),
      changed("format", 1), changed("files", []), changed("files", nil), changed("weights", "absent"),
      changed("digest", "0"), changed("location", "relative/path"), changed("location", 1),
      changed("licence", "a\0b"), changed("files", .array(Array(repeating: [:], count: 65))),
      withFile("../../etc/passwd"), withFile("/etc/passwd"), withFile(""), withFile("a//b"),
      withFile("a/./b"),
      withFile("a\0b"), withFile("vocab.txt"), withFile("x", size: -1), withFile("x", size: 1e300),
      withFile("x", size: .integer(.max)), withFile("x", sha256: "abc"), withFile("x"),
    ]
    for text in damaged {
      try folder.write(path, text.utf8)
      expectError("manifest.json is damaged: ") { try store.model(named: "mine") }
    }
    #expect(try store.list().map(\.name) == ["mine"])
    #expect(try store.list().first?.manifest == nil)
    try folder.write(path, [UInt8](repeating: 0x20, count: 2 << 20))
    expectError("at most 1048576 are expected") { try store.model(named: "mine") }
    try store.remove("mine")
    #expect(try store.list().isEmpty)
  }

  @Test func listsAndRemoves() throws {
    #expect(try store.list().isEmpty)
    try store.add("one", path: tiny, copying: true)
    try store.add("two.b", path: tiny)
    try folder.write("home/models/stray-file", [])
    #expect(try store.list().map(\.name) == ["one", "two.b"])
    #expect(try store.list().allSatisfy { $0.fault == nil && $0.manifest != nil })
    try store.remove("two.b")
    try store.remove("one")
    #expect(try store.list().isEmpty)
    // What was added by reference is not the store's to remove.
    #expect(try folder.contents("tiny/vocab.txt").isEmpty == false)
  }

  @Test func aReadOnlyStoreCanBeUsed() throws {
    try store.add("mine", path: tiny)
    try FileManager.default.removeItem(atPath: store.root + "/mine/stamp.json")
    #expect(chmod(store.root + "/mine", 0o555) == 0)
    defer { chmod(store.root + "/mine", 0o755) }
    #expect(throws: Never.self) { try store.model(named: "mine") }
  }

  @Test func leftoversOfAKilledInstallationAreCleared() throws {
    try folder.write("home/models/.mine~abc.partial/unpacked/file", [1])
    try folder.write("home/models/.mine.b~abc.partial/file", [1])
    #expect(try store.list().isEmpty)
    try store.add("mine", path: tiny)
    #expect(try folder.names("home/models") == [".mine.b~abc.partial", ".mine.lock", "mine"])
  }

  @Test func manyThreadsAddAndReadOneModel() throws {
    try store.add("mine", path: tiny, copying: true)
    let failures = Lines()
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      for _ in 0..<10 {
        do {
          if number < 2 {
            try store.add("mine", path: tiny, copying: true, replacing: true)
          } else {
            _ = try store.model(named: "mine").file("vocab.txt")
          }
        } catch {
          failures.append("\(error)")
        }
      }
    }
    #expect(failures.all == [])
    #expect(try folder.names("home/models") == [".mine.lock", "mine"])
  }
}
