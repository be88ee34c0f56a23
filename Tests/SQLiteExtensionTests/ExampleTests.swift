import Foundation
import Testing

/// Runs the examples of the catalogue's declarations, as `ai_functions()` shows them, and compares the answers.
@Suite struct ExampleTests {
  @Test func everyExampleGivesItsAnswer() throws {
    let listing = try SQLiteShell().run(
      "SELECT json_object('name', name, 'example', e.value ->> 'sql', 'answer', e.value ->> 'answer') "
        + "FROM ai_functions(), json_each(examples) AS e;")
    #expect(listing.errors == "")
    let lines = listing.text.split(separator: "\n")
    #expect(lines.count >= 10)
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      let sql = try #require(object?["example"] as? String)
      let output = try SQLiteShell().run(sql)
      #expect(output.errors == "", "\(sql)")
      if let answer = object?["answer"] as? String { #expect(output.text == answer + "\n", "\(sql)") }
    }
  }
}
