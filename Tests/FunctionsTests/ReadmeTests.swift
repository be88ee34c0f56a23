import Foundation
import Functions
import Testing

@Suite struct ReadmeTests {
  /// `make build` writes the table; this fails where somebody changed a function and did not build.
  @Test func theTableOfFunctionsIsUpToDate() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."
    let readme = try String(contentsOfFile: root + "/README.md", encoding: .utf8)
    let begin = try #require(readme.range(of: "<!-- functions: made by `sibyl functions --markdown` -->\n"))
    let end = try #require(readme.range(of: "<!-- end of functions -->"))
    let table = readme[begin.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
    #expect(
      table == FunctionReference.markdown().trimmingCharacters(in: .newlines),
      "the README's table of functions is stale; run: make build")
  }
}
