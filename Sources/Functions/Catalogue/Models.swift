import Diagnostics
import Inference
import ModelFiles

extension AITable {
  static let models = AITable(
    name: "ai_models",
    summary: "The models: those installed, and those that can be installed by name.",
    columns: [
      Column("name", .text, "The name that functions take."),
      Column("kind", .text, "encoder (turns text into vectors) or decoder (continues text)."),
      Column("dimensions", .integer, "The length of its vectors."),
      Column("size", .integer, "Bytes on disk."),
      Column("licence", .text, "The licence's SPDX identifier."),
      Column("digest", .text, "SHA-256 over the files that decide its answers."),
      Column("path", .text, "The folder of its files; NULL where it is not installed."),
      Column("loaded", .integer, "1 where this process holds it in memory."),
      Column("state", .text, "ready, or what to do about it."),
    ],
    examples: [
      Example("SELECT kind, dimensions FROM ai_models() WHERE name = 'minilm';", gives: "encoder|384")
    ],
    volatility: .volatile
  ) { (_, _) throws(SibylError) in
    let store = ModelStore()
    let installed = try store.list()
    var rows = installed.map { model -> Row in
      let manifest = model.manifest
      return [
        .text(model.name),
        manifest.map { .text($0.kind.rawValue) } ?? .null,
        manifest?.dimensions.map { .integer(Int64($0)) } ?? .null,
        manifest.map { .integer(Int64($0.size)) } ?? .null,
        manifest.map { .text($0.licence) } ?? .null,
        manifest.map { .text($0.digest.hexadecimal) } ?? .null,
        (try? store.path(of: model.name)).map { .text($0) } ?? .null,
        .integer(isLoaded(model) ? 1 : 0),
        .text(model.fault?.message ?? "ready"),
      ]
    }
    for entry in ModelCatalogue.entries where !installed.contains(where: { $0.name == entry.name }) {
      rows.append([
        .text(entry.name), .text(entry.kind.rawValue), .integer(Int64(entry.dimensions)),
        .integer(Int64(entry.files.reduce(0) { $0 + $1.size })), .text(entry.licence),
        .text(entry.digest.hexadecimal), .null, .integer(0),
        .text("not installed; install it with: sibyl models pull \(entry.name)"),
      ])
    }
    return rows
  }

  private static func isLoaded(_ model: ListedModel) -> Bool {
    guard model.fault == nil, let selected = try? ModelSelection.model(named: model.name) else {
      return false
    }
    return InferenceEngine.shared.isLoaded(selected.installed)
  }
}
