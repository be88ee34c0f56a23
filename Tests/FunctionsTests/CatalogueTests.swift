import Foundation
import Functions
import Testing

@Suite struct CatalogueTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// CatalogueList.swift lists every declaration in Catalogue/.
  @Test func listIsUpToDate() throws {
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "sibyl-catalogue-\(UUID().uuidString)")
    try Data().write(to: scratch)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let process = Process()
    process.executableURL = URL(filePath: Self.package + "/scripts/generate-catalogue.sh")
    process.arguments = ["--print"]
    process.standardOutput = try FileHandle(forWritingTo: scratch)
    try process.run()
    process.waitUntilExit()
    let wanted = try String(contentsOf: scratch, encoding: .utf8)
    let found = try String(
      contentsOfFile: Self.package + "/Sources/Functions/CatalogueList.swift", encoding: .utf8)
    #expect(process.terminationStatus == 0)
    #expect(wanted.contains(".embed,") && wanted.contains(".summarizeAggregate,"))
    #expect(found == wanted, "run scripts/generate-catalogue.sh")
  }

  /// One file a declaration: as many of each as files.
  @Test func oneFileAFunction() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Self.package + "/Sources/Functions/Catalogue")
    #expect(files.filter { $0.hasSuffix(".swift") }.count == Catalogue.entries.count)
  }

  @Test func declarationsAreComplete() {
    var names: Set<String> = []
    for entry in Catalogue.entries {
      for name in [entry.name] + entry.aliases {
        #expect(names.insert(name).inserted, "\(name) is declared twice")
        #expect(name.hasPrefix("ai_"))
      }
      #expect(entry.summary.hasSuffix("."), "\(entry.name)")
      #expect(entry.parameters.allSatisfy { !$0.summary.isEmpty }, "\(entry.name)")
      // Required ones first: that is what the arities of the registration rest on.
      #expect(entry.parameters.drop(while: \.isRequired).allSatisfy { !$0.isRequired }, "\(entry.name)")
      // Examples run in an empty database: what needs a table or a trained classifier has none.
      let needsMore =
        ["ai_prefetch", "ai_search", "ai_classifiers", "ai_review"].contains(entry.name)
        || (entry as? AIFunction)?.classifierPosition != nil
      #expect(!entry.examples.isEmpty || needsMore, "\(entry.name)")
    }
    #expect(names.count >= 14)
  }

  @Test func signatures() throws {
    #expect(try #require(Catalogue.function(named: "ai_embed")).signature == "ai_embed(text[, model])")
    #expect(
      try #require(Catalogue.table(named: "ai_chunk")).signature
        == "ai_chunk(text[, max_tokens[, overlap]])")
    #expect(Catalogue.function(named: "ai_chunk") == nil)
    #expect(try #require(Catalogue.function(named: "ai_classify")).arity == 2...3)
  }

  @Test func aggregates() throws {
    let aggregate = try #require(Catalogue.aggregate(named: "ai_agg"))
    #expect(aggregate.signature == "ai_agg(text, instruction[, options])" && aggregate.kind == "aggregate")
    #expect(Catalogue.function(named: "ai_agg") == nil && Catalogue.table(named: "ai_agg") == nil)
    for aggregate in Catalogue.aggregates {
      // What computes a group has the same parameters, but for the texts.
      #expect(aggregate.function.name == aggregate.name && aggregate.function.isCached)
      #expect(
        aggregate.parameters.first?.type == .text && aggregate.function.parameters.first?.type == .texts)
      #expect(aggregate.function.arity == aggregate.arity)
      #expect(Catalogue.cachedFunctions.contains { $0.name == aggregate.name })
      #expect(Catalogue.entries.contains { $0.name == aggregate.name && $0.kind == "aggregate" })
    }
  }

  @Test func referenceNamesEveryFunction() {
    let table = FunctionReference.markdown()
    let full = FunctionReference.fullMarkdown()
    #expect(table.split(separator: "\n").count == Catalogue.entries.count + 2)
    for entry in Catalogue.entries {
      #expect(table.contains("| `\(entry.signature)` |"))
      #expect(full.contains("### `\(entry.signature)`"))
      for example in entry.examples { #expect(full.contains(example.sql)) }
    }
  }
}
