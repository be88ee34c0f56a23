/// The reference table of the README, derived from the catalogue.
public enum FunctionReference {
  /// One row a function: signature, what it returns, what it does.
  public static func markdown() -> String {
    var lines = ["| function | returns | what it does |", "|---|---|---|"]
    for entry in Catalogue.entries {
      lines.append("| `\(entry.signature)` | \(cell(entry.returnDescription)) | \(cell(entry.summary)) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Everything that the declarations say: a section a function, with parameters, details and examples.
  public static func fullMarkdown() -> String {
    Catalogue.entries.map(section).joined(separator: "\n")
  }

  private static func section(_ entry: any CatalogueEntry) -> String {
    var lines = ["### `\(entry.signature)`", "", entry.summary]
    if !entry.details.isEmpty { lines += ["", entry.details] }
    if !entry.aliases.isEmpty {
      lines += ["", "Also: " + entry.aliases.map { "`\($0)`" }.joined(separator: ", ") + "."]
    }
    lines += ["", "Returns \(entry.returnDescription)."]
    if !entry.parameters.isEmpty { lines.append("") }
    for parameter in entry.parameters {
      let optional = parameter.isRequired ? "" : ", optional"
      lines.append("- `\(parameter.name)` (\(parameter.type.rawValue)\(optional)): \(parameter.summary)")
    }
    for example in entry.examples {
      lines += ["", "```sql", example.sql]
      if let answer = example.answer {
        lines += answer.split(separator: "\n", omittingEmptySubsequences: false).map { "-- \($0)" }
      }
      lines.append("```")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cell(_ text: String) -> String {
    String(text.flatMap { $0 == "|" ? Array("\\|") : [$0] })
  }
}
