import Diagnostics
import JSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The models installed on this machine.
///
/// Each model is a folder of the store with its files, `manifest.json` (what the model is, and the digest of
/// every file; never changed) and `stamp.json` (what the file system said about the files when the digests
/// were last found right; may be thrown away). A model that was added by reference has only these two, and
/// its files stay where they were. Names that begin with a dot are locks and unfinished installations.
///
/// A store is only a path: values are free to make, and all operations may run on any thread and in several
/// processes at once.
public struct ModelStore: Sendable {
  /// Absolute path of the store's folder, which need not exist.
  public let root: String

  private static let manifestLimit = 1 << 20

  public init(root: String = Environment.sibylHome + "/models") {
    if root.hasPrefix("/") {
      self.root = root
    } else {
      // The host may change its working directory between two calls.
      let folder = getcwd(nil, 0)
      defer { free(folder) }
      self.root = (folder.map { String(cString: $0) } ?? "") + "/" + root
    }
  }

  // MARK: Reading

  /// The model of that name, whose files are the ones that were installed.
  ///
  /// Files are hashed again only where the file system says that they have been touched.
  ///
  /// - Throws: `missingModel`, whose sentence says how to install it; `corruptFile` where a file has
  ///   changed or is gone; `invalidArgument` where no model can have that name.
  public func model(named name: String) throws(SibylError) -> InstalledModel {
    let manifest = try manifest(of: name)
    let folder = manifest.location ?? folder(of: name)
    let recorded = recordedStamps(of: manifest)
    var stamps: [String: FileStamp] = [:]
    var isRefreshed = false
    for file in manifest.files {
      let path = folder + "/" + file.name
      guard FileSystem.exists(path) else { throw Self.lost(file, of: manifest, at: path) }
      let stamp = try FileStamp(path: path)
      if stamp == recorded[file.name], stamp.size == file.size {
        stamps[file.name] = stamp
      } else {
        stamps[file.name] = try Self.check(file, of: manifest, at: path)
        isRefreshed = true
      }
    }
    // In a store that may not be written the digests are computed anew in each process, that is all.
    if isRefreshed {
      try? FileSystem.replace(stampPath(of: name), with: Self.serialize(stamps, of: manifest))
    }
    return InstalledModel(manifest: manifest, folder: folder, stamps: stamps)
  }

  /// Hashes all files of a model, whatever the file system says about them.
  ///
  /// - Throws: as `model(named:)`.
  @discardableResult
  public func verify(_ name: String) throws(SibylError) -> InstalledModel {
    let manifest = try manifest(of: name)
    let folder = manifest.location ?? folder(of: name)
    let stamps = try Self.check(manifest, in: folder)
    try? FileSystem.replace(stampPath(of: name), with: Self.serialize(stamps, of: manifest))
    return InstalledModel(manifest: manifest, folder: folder, stamps: stamps)
  }

  /// All models of the store, sorted by name. Weights are not read.
  public func list() throws(SibylError) -> [ListedModel] {
    guard FileSystem.exists(root) else { return [] }
    var models: [ListedModel] = []
    for name in try FileSystem.names(in: root) where Self.isValid(name: name) {
      guard FileSystem.isFolder(folder(of: name)) else { continue }
      do throws(SibylError) {
        let manifest = try manifest(of: name)
        models.append(ListedModel(name: name, manifest: manifest, fault: visibleFault(of: manifest)))
      } catch {
        models.append(ListedModel(name: name, manifest: nil, fault: error))
      }
    }
    return models
  }

  /// The folder that holds a model's files.
  ///
  /// - Throws: `missingModel` where there is no such model.
  public func path(of name: String) throws(SibylError) -> String {
    try manifest(of: name).location ?? folder(of: name)
  }

  // MARK: Writing

  /// Removes a model from the store; the files of a model that was added by reference stay.
  public func remove(_ name: String) throws(SibylError) {
    try Self.checkName(name)
    guard FileSystem.exists(folder(of: name)) else { throw Self.missing(name) }
    try withLock(on: name) { () throws(SibylError) in
      // Out of sight in one step, then piece by piece.
      let doomed = partialPath(for: name)
      guard FileSystem.exists(folder(of: name)) else { return }
      try FileSystem.move(folder(of: name), to: doomed)
      try FileSystem.remove(doomed)
    }
  }

  /// Registers a folder with a safetensors model, or a GGUF file.
  ///
  /// - Parameters:
  ///   - path: the folder or file. Unless it is copied it must stay there; nothing in it is changed.
  ///   - copying: whether the store gets a copy of the files.
  ///   - replacing: whether a model that already has this name gives way.
  ///   - licence: the licence's name where the files do not say it.
  /// - Throws: `invalidArgument` where the name is taken or the path holds no model that Sibyl knows;
  ///   `corruptFile` where the model is damaged.
  @discardableResult
  public func add(
    _ name: String, path: String, copying: Bool = false, replacing: Bool = false, licence: String? = nil
  ) throws(SibylError) -> InstalledModel {
    try Self.checkName(name)
    let found = try LocalModel(path: path)
    var files: [ModelManifest.File] = []
    for fileName in found.fileNames {
      let file = try InputFile(path: found.folder + "/" + fileName)
      files.append(.init(name: fileName, size: file.size, digest: try Digest(of: file)))
    }
    let manifest = ModelManifest(
      name: name, kind: found.kind, format: found.format, architecture: found.architecture,
      weights: found.weights, files: files, licence: licence ?? found.licence ?? "unknown",
      source: "added from \(found.folder)", dimensions: found.dimensions, added: Timestamp.now(),
      location: copying ? nil : found.folder)

    return try withLock(on: name) { () throws(SibylError) in
      try checkFree(name, replacing: replacing)
      return try stage(name) { (folder) throws(SibylError) in
        if copying {
          for fileName in found.fileNames {
            try FileSystem.makeFolder(FileSystem.parent(of: folder + "/" + fileName))
            try FileSystem.copy(found.folder + "/" + fileName, to: folder + "/" + fileName)
          }
        }
        return manifest
      }
    }
  }

  /// Registers a model that a server runs. Nothing is sent there.
  ///
  /// - Parameters:
  ///   - kind: whether it writes or embeds.
  ///   - replacing: whether a model that already has this name gives way.
  /// - Throws: `invalidArgument` where the name is taken or none.
  @discardableResult
  public func add(
    _ name: String, server: ServerModel, kind: ModelManifest.Kind, replacing: Bool = false
  ) throws(SibylError) -> InstalledModel {
    try Self.checkName(name)
    let description = Array((server.description(kind).serialized() + "\n").utf8)
    let access = Array((server.accessDescription.serialized() + "\n").utf8)
    let file = ModelManifest.File(
      name: ServerModel.descriptionFile, size: description.count, digest: Digest(of: description))
    let manifest = ModelManifest(
      name: name, kind: kind, format: .openAI, architecture: "openai", weights: file.name, files: [file],
      licence: "unknown", source: "served by \(server.address.text) as \(server.model)", dimensions: nil,
      added: Timestamp.now(), location: nil)
    return try withLock(on: name) { () throws(SibylError) in
      try checkFree(name, replacing: replacing)
      return try stage(name) { (folder) throws(SibylError) in
        try FileSystem.create(folder + "/" + ServerModel.descriptionFile, description)
        try FileSystem.create(folder + "/" + ServerModel.accessFile, access)
        return manifest
      }
    }
  }

  private func checkFree(_ name: String, replacing: Bool) throws(SibylError) {
    if !replacing, FileSystem.exists(folder(of: name)) {
      throw SibylError(
        .invalidArgument,
        "a model named \(quoted(name)) is already installed; choose another name, or replace it with --force")
    }
  }

  // MARK: Installing

  /// Runs the body while no other thread or process changes the model of that name.
  func withLock<Value>(
    on name: String, onWait: () -> Void = {}, _ body: () throws(SibylError) -> Value
  ) throws(SibylError) -> Value {
    try FileSystem.makeFolder(root)
    let lock = try FileLock(path: "\(root)/.\(name).lock", onWait: onWait)
    let value = try body()
    _ = consume lock
    return value
  }

  /// Installs what `fill` puts into an empty folder on the store's disk, after checking it against the
  /// manifest that `fill` returns. Nothing of it shows before all of it is on the disk. The lock is held.
  func stage(
    _ name: String, fill: (_ folder: String) throws(SibylError) -> ModelManifest
  ) throws(SibylError) -> InstalledModel {
    // What a killed process left behind; the lock says that nobody else is at work here.
    for leftover in try FileSystem.names(in: root)
    where leftover.hasPrefix(".\(name)~") && leftover.hasSuffix(".partial") {
      try? FileSystem.remove("\(root)/\(leftover)")
    }
    let partial = partialPath(for: name)
    do throws(SibylError) {
      try FileSystem.makeFolder(partial)
      let manifest = try fill(partial)
      let stamps = try Self.check(manifest, in: manifest.location ?? partial)
      try FileSystem.create(partial + "/manifest.json", Array((manifest.json.serialized() + "\n").utf8))
      try FileSystem.create(partial + "/stamp.json", Self.serialize(stamps, of: manifest))
      for folder in Set(manifest.files.map { FileSystem.parent(of: partial + "/" + $0.name) })
      where FileSystem.isFolder(folder) {
        try FileSystem.synchronize(folder)
      }
      try FileSystem.synchronize(partial)
      try putInPlace(partial, name: name)
      return InstalledModel(
        manifest: manifest, folder: manifest.location ?? folder(of: name), stamps: stamps)
    } catch {
      try? FileSystem.remove(partial)
      throw error
    }
  }

  private func putInPlace(_ partial: String, name: String) throws(SibylError) {
    let folder = folder(of: name)
    if FileSystem.exists(folder) {
      if FileSystem.exchange(partial, folder) {
        try FileSystem.remove(partial)
      } else {
        let old = partialPath(for: name)
        try FileSystem.move(folder, to: old)
        try FileSystem.move(partial, to: folder)
        try FileSystem.remove(old)
      }
    } else {
      try FileSystem.move(partial, to: folder)
    }
    try FileSystem.synchronize(root)
  }

  /// A new path for an unfinished folder. No name holds a `~`, so that `minilm` and `minilm.b` do not mix.
  private func partialPath(for name: String) -> String {
    "\(root)/.\(name)~\(FileSystem.randomName()).partial"
  }

  private func folder(of name: String) -> String { root + "/" + name }

  // MARK: Manifest and stamps

  private func manifest(of name: String) throws(SibylError) -> ModelManifest {
    try Self.checkName(name)
    let path = folder(of: name) + "/manifest.json"
    guard FileSystem.exists(path) else { throw Self.missing(name) }
    let bytes = try InputFile(path: path).contents(limit: Self.manifestLimit)
    do throws(SibylError) {
      let manifest = try ModelManifest(JSON.parse(bytes, maximumDepth: 8))
      guard manifest.name == name else {
        throw SibylError(.corruptFile, "it belongs to the model \(quoted(manifest.name))")
      }
      return manifest
    } catch {
      throw SibylError(
        .corruptFile,
        "the manifest \(path) is damaged: \(error.message); \(ModelCatalogue.advice(installing: name)) --force"
      )
    }
  }

  private func stampPath(of name: String) -> String { folder(of: name) + "/stamp.json" }

  /// The stamps of the last check; empty where there are none, or where they are another model's.
  private func recordedStamps(of manifest: ModelManifest) -> [String: FileStamp] {
    guard let file = try? InputFile(path: stampPath(of: manifest.name)),
      let bytes = try? file.contents(limit: Self.manifestLimit), let json = try? JSON.parse(bytes),
      json["digest"]?.stringValue == manifest.digest.hexadecimal, let files = json["files"]?.objectValue
    else { return [:] }
    var stamps: [String: FileStamp] = [:]
    for (name, value) in files { stamps[name] = FileStamp(value) }
    return stamps
  }

  private static func serialize(_ stamps: [String: FileStamp], of manifest: ModelManifest) -> [UInt8] {
    let files = JSONObject(stamps.map { ($0.key, $0.value.json) })
    let json: JSON = ["digest": .string(manifest.digest.hexadecimal), "files": .object(files)]
    return Array((json.serialized() + "\n").utf8)
  }

  /// Hashes all files and returns their stamps.
  private static func check(
    _ manifest: ModelManifest, in folder: String
  ) throws(SibylError) -> [String: FileStamp] {
    var stamps: [String: FileStamp] = [:]
    for file in manifest.files {
      let path = folder + "/" + file.name
      guard FileSystem.exists(path) else { throw lost(file, of: manifest, at: path) }
      stamps[file.name] = try check(file, of: manifest, at: path)
    }
    return stamps
  }

  private static func check(
    _ file: ModelManifest.File, of manifest: ModelManifest, at path: String
  ) throws(SibylError) -> FileStamp {
    let input = try InputFile(path: path)
    let stamp = try input.stamp()
    let digest = try Digest(of: input)
    guard digest == file.digest else { throw InstalledModel.changed(manifest, file, found: digest) }
    guard try input.stamp() == stamp else {
      throw SibylError(.unavailable, "\(path) was written to while it was read; try again")
    }
    return stamp
  }

  /// What is wrong with a model as far as sizes tell.
  private func visibleFault(of manifest: ModelManifest) -> SibylError? {
    for file in manifest.files {
      let path = (manifest.location ?? folder(of: manifest.name)) + "/" + file.name
      guard let stamp = try? FileStamp(path: path) else { return Self.lost(file, of: manifest, at: path) }
      if stamp.size != file.size {
        return SibylError(
          .corruptFile,
          "\(path) has \(stamp.size) bytes, where \(file.size) were installed; "
            + ModelCatalogue.advice(repairing: manifest))
      }
    }
    return nil
  }

  // MARK: Names and errors

  /// Names are folders' names, words of a command and values in SQL: `[a-z0-9][a-z0-9._-]*`, at most 64.
  static func isValid(name: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }
    guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 64 else { return false }
    return name.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
  }

  private static func checkName(_ name: String) throws(SibylError) {
    guard isValid(name: name) else {
      throw SibylError(
        .invalidArgument,
        "\(quoted(name)) is no model's name, which is lowercase letters, digits, \".\", \"_\" and \"-\", "
          + "beginning with a letter or digit, at most 64 of them")
    }
  }

  private static func missing(_ name: String) -> SibylError {
    SibylError(
      .missingModel,
      "the model \(quoted(name)) is not installed; \(ModelCatalogue.advice(installing: name))")
  }

  private static func lost(
    _ file: ModelManifest.File, of manifest: ModelManifest, at path: String
  ) -> SibylError {
    SibylError(
      .corruptFile,
      "the model \(quoted(manifest.name)) has lost a file: \(path) is gone; "
        + ModelCatalogue.advice(repairing: manifest))
  }
}
