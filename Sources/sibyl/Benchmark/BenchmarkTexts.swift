import ArgumentParser
import Diagnostics
import JSON
import ModelFiles

/// Where a benchmark's texts come from.
struct BenchmarkTexts: ParsableArguments {
  @Option(help: "A JSON file: an array of strings.")
  var texts: String

  @Option(help: "The name of an installed encoder.")
  var model = "minilm"

  /// A benchmark's texts are some megabytes; more is a mistake.
  private static let largestFile = 1 << 30

  func read() throws(SibylError) -> [String] { try Self.read(texts) }

  static func read(_ path: String) throws(SibylError) -> [String] {
    let bytes = try InputFile(path: path).contents(limit: largestFile)
    let expected = SibylError(
      .invalidArgument, "\(path) must be a JSON array of at least one string")
    guard case .array(let values) = try JSON.parse(bytes), !values.isEmpty else { throw expected }
    var result: [String] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard case .string(let text) = value else { throw expected }
      result.append(text)
    }
    return result
  }

  func installedModel() throws(SibylError) -> InstalledModel { try ModelStore().model(named: model) }
}
