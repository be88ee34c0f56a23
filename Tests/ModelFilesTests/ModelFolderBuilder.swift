import JSON
import ModelFiles
import TestSupport

/// Writes a small made-up model, as published ones are laid out.
enum ModelFolderBuilder {
  static let files: [(name: String, bytes: [UInt8])] = [
    ("model.safetensors", SafetensorsBuilder.smallFile()),
    ("config.json", Array(#"{"architectures":["BertModel"],"model_type":"bert","hidden_size":4}"#.utf8)),
    ("vocab.txt", Array("[PAD]\n[UNK]\nhello\n".utf8)),
    ("1_Pooling/config.json", Array(#"{"pooling_mode_mean_tokens":true}"#.utf8)),
  ]

  static func write(into folder: TemporaryFolder, below name: String = "tiny", except: String? = nil) throws {
    for file in files where file.name != except { try folder.write("\(name)/\(file.name)", file.bytes) }
    try folder.write("\(name)/README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# Tiny\n".utf8)
  }

  /// A catalogue's entry that pins the files.
  static func entry(name: String = "tiny", packages: [ModelCatalogueEntry.Package] = [])
    -> ModelCatalogueEntry
  {
    let pinned = files.map {
      ModelManifest.File(name: $0.name, size: $0.bytes.count, digest: Digest(of: $0.bytes))
    }
    return ModelCatalogueEntry(
      name: name, kind: .encoder, format: .safetensors, architecture: "bert", licence: "Apache-2.0",
      dimensions: 4, packages: packages, weights: pinned[0], files: Array(pinned.dropFirst()))
  }
}
