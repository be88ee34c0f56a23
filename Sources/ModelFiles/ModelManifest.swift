import Diagnostics
import JSON

/// What the store knows about a model: `manifest.json`, written once when the model is installed.
public struct ModelManifest: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// Turns text into vectors.
    case encoder
    /// Continues text.
    case decoder
  }

  public enum Format: String, Hashable, Sendable {
    case safetensors
    case gguf
    /// Asked over the network, in OpenAI's interface; the file is the description of the server.
    case openAI = "openai"
  }

  /// A file that decides what the model answers.
  public struct File: Hashable, Sendable {
    /// Path below the model's folder.
    public let name: String
    /// Size in bytes.
    public let size: Int
    public let digest: Digest

    public init(name: String, size: Int, digest: Digest) {
      self.name = name
      self.size = size
      self.digest = digest
    }
  }

  public let name: String
  public let kind: Kind
  public let format: Format
  /// The architecture as its file calls it: `bert`, `llama`.
  public let architecture: String
  /// Which of the files holds the weights.
  public let weights: String
  /// All files that decide what the model answers, sorted by name.
  public let files: [File]
  /// SPDX identifier where it is known.
  public let licence: String
  /// Where the files came from, in words.
  public let source: String
  /// Length of an embedding or of a token's vector, where the files say it.
  public let dimensions: Int?
  /// When the model was installed, UTC: `2025-01-31T12:00:00Z`.
  public let added: String
  /// The folder of the files, where they stay outside the store.
  public let location: String?
  /// The model's identity: SHA-256 over a line `digest  name` for each file, sorted by name. Two models with
  /// equal digests give equal answers; caches and reports name a model by it.
  public let digest: Digest

  package init(
    name: String, kind: Kind, format: Format, architecture: String, weights: String, files: [File],
    licence: String, source: String, dimensions: Int?, added: String, location: String?
  ) {
    self.name = name
    self.kind = kind
    self.format = format
    self.architecture = architecture
    self.weights = weights
    let files = files.sorted { $0.name < $1.name }
    self.files = files
    var lines = ""
    for file in files { lines += "\(file.digest)  \(file.name)\n" }
    digest = Digest(of: lines.utf8)
    self.licence = licence
    self.source = source
    self.dimensions = dimensions
    self.added = added
    self.location = location
  }

  /// Whether a server elsewhere runs the model, whose answers are then not pinned.
  public var isRemote: Bool { format == .openAI }

  /// Bytes of all files together.
  public var size: Int { files.reduce(0) { $0 + $1.size } }
}

// MARK: - As JSON

extension ModelManifest {
  /// A model has a handful of files; more are a sign of something else.
  private static let maximumFileCount = 64

  /// The manifest as `manifest.json` holds it and `sibyl models list --json` prints it.
  public var json: JSON {
    var object: JSONObject = [
      "name": .string(name), "kind": .string(kind.rawValue), "format": .string(format.rawValue),
      "architecture": .string(architecture), "weights": .string(weights),
      "files": .array(
        files.map {
          [
            "name": .string($0.name), "size": .integer(Int64($0.size)),
            "sha256": .string($0.digest.hexadecimal),
          ]
        }),
      "digest": .string(digest.hexadecimal), "size": .integer(Int64(size)), "licence": .string(licence),
      "source": .string(source), "dimensions": dimensions.map { .integer(Int64($0)) } ?? .null,
      "added": .string(added),
    ]
    if let location { object["location"] = .string(location) }
    return .object(object)
  }

  /// Reads a manifest, which is a file from outside like any other.
  ///
  /// - Throws: `corruptFile` with what is wrong; the caller adds which file that is.
  init(_ json: JSON) throws(SibylError) {
    func text(_ key: String) throws(SibylError) -> String {
      guard let text = json[key]?.stringValue, text.utf8.count <= 4_096, !text.utf8.contains(0) else {
        throw SibylError(.corruptFile, "its \(quoted(key)) must be a string")
      }
      return text
    }
    guard let kind = Kind(rawValue: try text("kind")), let format = Format(rawValue: try text("format"))
    else { throw SibylError(.corruptFile, "its \"kind\" or \"format\" is unknown to this version of Sibyl") }

    guard let entries = json["files"]?.arrayValue, 1...Self.maximumFileCount ~= entries.count else {
      throw SibylError(.corruptFile, "its \"files\" must be a list of 1 to \(Self.maximumFileCount) files")
    }
    var files: [File] = []
    for entry in entries {
      guard let name = entry["name"]?.stringValue, Self.isSafe(fileName: name),
        !files.contains(where: { $0.name == name }), let size = entry["size"]?.integerValue, size >= 0,
        let digest = entry["sha256"]?.stringValue.flatMap(Digest.init(hexadecimal:))
      else { throw SibylError(.corruptFile, "its \"files\" hold an entry that names no sound file") }
      files.append(File(name: name, size: size, digest: digest))
    }
    let location = json["location"] == nil ? nil : try text("location")
    if let location, !location.hasPrefix("/") {
      throw SibylError(.corruptFile, "its \"location\" must be an absolute path")
    }
    self.init(
      name: try text("name"), kind: kind, format: format, architecture: try text("architecture"),
      weights: try text("weights"), files: files, licence: try text("licence"), source: try text("source"),
      dimensions: json["dimensions"]?.integerValue, added: try text("added"), location: location)
    guard files.contains(where: { $0.name == weights }) else {
      throw SibylError(.corruptFile, "its \"weights\" name none of its files")
    }
    guard size(fits: files), json["digest"]?.stringValue == digest.hexadecimal else {
      throw SibylError(.corruptFile, "its \"digest\" does not fit its files")
    }
  }

  private func size(fits files: [File]) -> Bool {
    var sum = 0
    for file in files {
      let (next, overflowed) = sum.addingReportingOverflow(file.size)
      if overflowed { return false }
      sum = next
    }
    return true
  }

  /// Whether a name stays below the folder that it is appended to.
  static func isSafe(fileName: String) -> Bool {
    let components = fileName.split(separator: "/", omittingEmptySubsequences: false)
    return fileName.utf8.count <= 255 && !fileName.utf8.contains(0)
      && components.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}
