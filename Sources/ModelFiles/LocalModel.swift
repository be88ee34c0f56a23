import Diagnostics
import JSON

/// What a folder or file on this machine turns out to hold when it is looked at as a model.
struct LocalModel {
  /// Absolute path of the folder that the files are named relative to.
  let folder: String
  let kind: ModelManifest.Kind
  let format: ModelManifest.Format
  let architecture: String
  let weights: String
  /// The files that decide what the model answers: the weights, and what Sibyl reads beside them.
  let fileNames: [String]
  let dimensions: Int?
  let licence: String?

  /// What Sibyl reads beside the weights of a safetensors model, where it is there. The catalogue pins the
  /// same files, so that a model has one digest however it came here.
  private static let sideFiles = [
    "vocab.txt", "config.json", "tokenizer_config.json", "sentence_bert_config.json", "modules.json",
    "1_Pooling/config.json",
  ]

  init(path: String) throws(SibylError) {
    let path = try FileSystem.absolute(path)
    if FileSystem.isFolder(path) {
      try self.init(folder: path, weights: Self.weights(in: path))
    } else if path.hasSuffix(".safetensors") {
      try self.init(folder: FileSystem.parent(of: path), weights: FileSystem.lastComponent(of: path))
    } else {
      try self.init(gguf: path)
    }
  }

  private init(folder: String, weights: String) throws(SibylError) {
    let configPath = folder + "/config.json"
    guard FileSystem.isRegularFile(configPath) else {
      throw SibylError(
        .invalidArgument,
        "\(folder) has no config.json; expected a folder as published for the transformers library, with "
          + "config.json, vocab.txt and model.safetensors")
    }
    let config: JSON
    do throws(SibylError) {
      config = try JSON.parse(InputFile(path: configPath).contents(limit: 1 << 20))
    } catch {
      throw SibylError(.corruptFile, "\(configPath) cannot be used: \(error.message)")
    }
    guard let architecture = config["model_type"]?.stringValue, architecture.utf8.count <= 64 else {
      throw SibylError(.corruptFile, "\(configPath) does not say its \"model_type\"")
    }
    // Refuses damaged weights now rather than at the first query.
    _ = try SafetensorsFile(path: folder + "/" + weights)

    var fileNames = [weights] + Self.sideFiles.filter { FileSystem.isRegularFile(folder + "/" + $0) }
    if !fileNames.contains("vocab.txt") {
      guard FileSystem.isRegularFile(folder + "/tokenizer.json") else {
        throw SibylError(.invalidArgument, "\(folder) has neither vocab.txt nor tokenizer.json")
      }
      fileNames.append("tokenizer.json")
    }
    let isDecoder = (config["architectures"]?.arrayValue ?? []).contains {
      $0.stringValue?.hasSuffix("ForCausalLM") == true
    }
    self.folder = folder
    self.kind = isDecoder ? .decoder : .encoder
    self.format = .safetensors
    self.architecture = architecture
    self.weights = weights
    self.fileNames = fileNames
    self.dimensions = config["hidden_size"]?.integerValue
    self.licence = Self.licence(in: folder)
  }

  private init(gguf path: String) throws(SibylError) {
    let input = try InputFile(path: path)
    guard try input.bytes(at: 0, count: min(input.size, 4)).elementsEqual("GGUF".utf8) else {
      throw SibylError(
        .invalidArgument,
        "\(path) is no model that Sibyl knows; expected a folder with model.safetensors, or a GGUF file")
    }
    // Refuses a damaged file now rather than at the first query.
    let file = try GGUFFile(file: input)
    let architecture = try file.text("general.architecture")
    guard architecture.utf8.count <= 64 else {
      throw SibylError(.corruptFile, "\(path) does not say its \"general.architecture\"")
    }
    if let parts = try file.integerIfPresent("split.count"), parts > 1 {
      throw SibylError(
        .invalidArgument,
        "\(path) is one of \(parts) pieces of a model; put them together with llama.cpp's "
          + "llama-gguf-split --merge, and add the result")
    }
    guard !file.tensorNames.isEmpty else {
      throw SibylError(.invalidArgument, "\(path) holds no weights; expected a whole model")
    }
    folder = FileSystem.parent(of: path)
    kind = .decoder
    format = .gguf
    self.architecture = architecture
    weights = FileSystem.lastComponent(of: path)
    fileNames = [weights]
    dimensions = try file.integerIfPresent("\(architecture).embedding_length")
    let licence = try file.textIfPresent("general.license")
    self.licence = licence.flatMap { $0.utf8.count <= 256 ? $0 : nil }
  }

  private static func weights(in folder: String) throws(SibylError) -> String {
    let names = try FileSystem.names(in: folder)
    if names.contains("model.safetensors") { return "model.safetensors" }
    let candidates = names.filter { $0.hasSuffix(".safetensors") }
    if candidates.count == 1 { return candidates[0] }
    if candidates.count > 1 {
      throw SibylError(
        .invalidArgument,
        "\(folder) holds \(candidates.count) safetensors files; a model in several pieces is not supported, "
          + "and where only one is meant, name that file")
    }
    let ggufs = names.filter { $0.hasSuffix(".gguf") }
    let advice = ggufs.isEmpty ? "" : "; to add \(ggufs[0]), name that file"
    throw SibylError(.invalidArgument, "\(folder) has no model.safetensors\(advice)")
  }

  /// The licence that a model card (README.md with a head between lines of `---`) states.
  private static func licence(in folder: String) -> String? {
    guard let file = try? InputFile(path: folder + "/README.md"),
      let bytes = try? file.bytes(at: 0, count: min(file.size, 8_192))
    else { return nil }
    let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    guard lines.first == "---" else { return nil }
    for line in lines.dropFirst().prefix(while: { $0 != "---" }) where line.hasPrefix("license:") {
      let value = line.dropFirst("license:".count).filter {
        $0 != " " && $0 != "\"" && $0 != "'" && $0 != "\r"
      }
      return value.isEmpty ? nil : value
    }
    return nil
  }
}
