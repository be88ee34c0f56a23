import Diagnostics
import JSON

/// A model in the store whose files are those of its manifest.
public struct InstalledModel: Sendable {
  public let manifest: ModelManifest
  /// Absolute path of the folder that holds the files.
  public let folder: String
  /// What each file's stamp was when its digest was found right.
  private let stamps: [String: FileStamp]

  init(manifest: ModelManifest, folder: String, stamps: [String: FileStamp]) {
    self.manifest = manifest
    self.folder = folder
    self.stamps = stamps
  }

  public var name: String { manifest.name }
  /// The model's identity, for cache keys and reports.
  public var digest: Digest { manifest.digest }
  /// The file of the weights.
  public var weightsPath: String { folder + "/" + manifest.weights }

  /// Whether a file, named relative to the model's folder, belongs to the model.
  public func contains(_ name: String) -> Bool { manifest.files.contains { $0.name == name } }

  /// A small file's bytes (a vocabulary, a configuration), which are the ones that were installed.
  ///
  /// - Parameter limit: the file must not be larger, in bytes.
  /// - Throws: `corruptFile` where the model has no such file, where it is too large or has changed.
  public func file(_ name: String, limit: Int = 64 << 20) throws(SibylError) -> [UInt8] {
    guard let entry = manifest.files.first(where: { $0.name == name }) else {
      throw SibylError(.corruptFile, "the model \(quoted(self.name)) has no file \(name)")
    }
    let bytes = try InputFile(path: folder + "/" + name).contents(limit: limit)
    let found = Digest(of: bytes)
    guard found == entry.digest else { throw Self.changed(manifest, entry, found: found) }
    return bytes
  }

  /// Opens the weights of a safetensors model; the file is the one whose digest was found right.
  public func safetensors() throws(SibylError) -> SafetensorsFile {
    try SafetensorsFile(file: weightsFile(of: .safetensors))
  }

  /// Opens the file of a GGUF model, which is the one whose digest was found right.
  public func gguf() throws(SibylError) -> GGUFFile {
    try GGUFFile(file: weightsFile(of: .gguf))
  }

  /// Whether a server elsewhere runs the model.
  public var isRemote: Bool { manifest.isRemote }

  /// The server of a model that is elsewhere.
  ///
  /// - Throws: `invalidArgument` where the model is on this machine, `corruptFile` where its description is damaged.
  public func server() throws(SibylError) -> ServerModel {
    guard isRemote else {
      throw SibylError(.invalidArgument, "the model \(quoted(name)) is on this machine, not on a server")
    }
    do throws(SibylError) {
      let access = folder + "/" + ServerModel.accessFile
      return try ServerModel(
        description: JSON.parse(file(ServerModel.descriptionFile, limit: 1 << 16), maximumDepth: 4),
        access: FileSystem.exists(access)
          ? JSON.parse(InputFile(path: access).contents(limit: 1 << 16), maximumDepth: 4) : nil)
    } catch {
      throw SibylError(
        .corruptFile,
        "the model \(quoted(name)) can't be asked: \(error.message); register it again with: sibyl models add "
          + "\(name) --openai ADDRESS --model NAME --force")
    }
  }

  private func weightsFile(of format: ModelManifest.Format) throws(SibylError) -> InputFile {
    guard !isRemote else {
      throw SibylError(
        .invalidArgument,
        "this needs a model on this machine; \(quoted(name)) is on a server, which answers but does not show its weights"
      )
    }
    guard manifest.format == format else {
      throw SibylError(
        .invalidArgument,
        "the model \(quoted(name)) is a \(manifest.format.rawValue) file, not \(format.rawValue)")
    }
    let file = try InputFile(path: weightsPath)
    guard try file.stamp() == stamps[manifest.weights] else {
      throw SibylError(
        .unavailable, "the weights of the model \(quoted(name)) were replaced just now; try again")
    }
    return file
  }

  static func changed(
    _ manifest: ModelManifest, _ file: ModelManifest.File, found: Digest
  ) -> SibylError {
    SibylError(
      .corruptFile,
      "the model \(quoted(manifest.name)) has changed since it was installed: the SHA-256 of "
        + "\(file.name) is \(found), the manifest says \(file.digest); \(ModelCatalogue.advice(repairing: manifest))"
    )
  }
}
