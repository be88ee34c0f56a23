import Diagnostics
import Functions
import TestSupport
import Testing
import Tokenization

/// Map and reduce: many texts brought down to one answer.
@Suite struct CondensationTests {
  private func subject(_ texts: [String], instruction: String = "Add up.") -> Condensation.Subject {
    Condensation.Subject(
      texts: texts, mark: "- ", question: { [ChatMessage(.user, "\(instruction)\n\n\($0)")] },
      combination: { [ChatMessage(.user, "\(instruction) Combine.\n\n\($0)")] })
  }

  private func answers(
    _ subjects: [Condensation.Subject], _ writer: CountingWriter, tokens: Int = 40
  ) throws -> [String?] {
    try Condensation(maximumTokens: tokens, writer: writer).answers(to: subjects).map { answer in
      switch answer {
      case .success(let text): text
      case .failure(let error): "fault: " + error.message
      }
    }
  }

  /// Every row counts once, whether all fit at once or take many levels, and however long a row is.
  @Test func noRowIsDropped() throws {
    var random = SeededGenerator(seed: 16)
    var next = 0
    let groups = [1, 2, 40, 400, 3_000].map { rows in
      (0..<rows).map { _ -> String in
        // One row in forty is longer than a piece; its numbers are spread over all of it.
        let numbers =
          Int.random(in: 0..<40, using: &random) == 0 ? 300 : Int.random(in: 1...3, using: &random)
        return (0..<numbers).map { _ in
          next += 1
          return "n\(next);"
        }.joined(separator: Bool.random(using: &random) ? " and " : ". Then ")
      }
    }
    let writer = try CountingWriter()
    let found = try answers(groups.map { subject($0) }, writer)
    for (group, answer) in zip(groups, found) {
      let numbers = group.flatMap { $0.matches(of: #/n(\d+);/#).compactMap { Int($0.output.1) } }
      #expect(answer == "count=\(numbers.count) sum=\(numbers.reduce(0, +))", "\(group.count) rows")
    }
    // All groups together: a batch a level, and one for the last answers.
    #expect(writer.calls.count <= 6)
    #expect(writer.calls.last?.conversations.count == groups.count)
    // What was asked fits the context, and so do the answers.
    for call in writer.calls {
      for conversation in call.conversations {
        #expect(writer.tokenCount(of: conversation) + call.tokens <= writer.contextLength)
      }
    }
  }

  /// An answer does not depend on what else is asked.
  @Test func groupsDoNotChangeEachOther() throws {
    let subjects = [
      subject((1...200).map { "row n\($0);" }), subject(["n7;"]),
      subject((1...150).map { "n\($0);" }, instruction: String(repeating: "Slowly. ", count: 120)),
    ]
    let together = try CountingWriter()
    let alone = try CountingWriter()
    let found = try answers(subjects, together, tokens: 700)
    #expect(try found == subjects.flatMap { try answers([$0], alone, tokens: 700) })
    #expect(found == ["count=200 sum=20100", "count=1 sum=7", "count=150 sum=11325"])
    func asked(_ writer: CountingWriter) -> Set<[String]> {
      Set(writer.calls.flatMap { call in call.conversations.map { ["\(call.tokens)"] + $0.map(\.content) } })
    }
    #expect(asked(together) == asked(alone))
  }

  @Test func whatFitsIsAskedOnce() throws {
    let writer = try CountingWriter()
    #expect(try answers([subject(["n1;", "n2;"])], writer) == ["count=2 sum=3"])
    #expect(writer.calls.map(\.conversations) == [[[ChatMessage(.user, "Add up.\n\n- n1;\n- n2;")]]])
  }

  @Test func faultsStayWithTheirGroup() throws {
    let many = (1...300).map { "row n\($0);" }
    let found = try answers(
      [
        subject(["n1;"]), subject(["broken"]), subject(many + ["broken"]), subject(many + ["nothing"]),
        subject(many.map { _ in "silent" }),
        subject(["n2;"], instruction: String(repeating: "x", count: 3_000)),
        subject(many),
      ], try CountingWriter())
    #expect(found[0] == "count=1 sum=1")
    #expect(found[1] == "fault: does not like that" && found[2] == found[1])
    #expect(found[3] == nil)
    #expect(found[4] == "")
    #expect(found[5]?.contains("has no room for a text") == true)
    #expect(found[6] == "count=300 sum=45150")
  }

  /// A model that does not keep to its limit ends in an error, not in an endless loop.
  @Test func answersThatDoNotGetShorter() throws {
    let found = try answers(
      [subject((1...500).map { "endless n\($0);" }), subject(["n1;"])], try CountingWriter(contextLength: 700)
    )
    #expect(found[0]?.contains("does not get shorter") == true)
    #expect(found[1] == "count=1 sum=1")
  }
}
