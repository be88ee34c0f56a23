import Diagnostics
import Testing

/// Expects an error of Sibyl's whose sentence holds `part`.
func expectError(
  _ part: String, kind: SibylError.Kind = .corruptFile, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) {
  let error = #expect(throws: SibylError.self, sourceLocation: sourceLocation) { _ = try body() }
  guard let error else { return }
  #expect(error.kind == kind, sourceLocation: sourceLocation)
  #expect(error.message.contains(part), "\(error.message)", sourceLocation: sourceLocation)
}
