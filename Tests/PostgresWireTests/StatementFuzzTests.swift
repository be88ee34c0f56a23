import PostgresWire
import TestSupport
import Testing

/// Statements that were cut, mixed and bent: the parser answers or refuses, it never traps.
struct StatementFuzzTests {
  private static let seeds = [
    "SELECT ai_classify('text', '[\"a\",\"b\"]'::jsonb) AS label;",
    "SELECT * FROM sibyl_call('ai_sentiment', '{\"a\",NULL,\"b \\\\\"c\\\\\"\"}'::text[], E'\\u00e9\\n', $$x$$, $1)",
    "SELECT f(ARRAY[ARRAY[1.5e-3, -2], ARRAY[3, NULL]]::real[], TRUE, $tag$ab$$c$tag$)",
    "/* a /* b */ c */ SET TIME ZONE 'UTC'; BEGIN; SHOW ALL; ROLLBACK -- end",
    "SELECT '{{0.1,0.2},{0.3,0.4}}'::float4[]::text[]; SELECT \"Ä\".\"b\"\"c\"($2::double precision)",
  ]

  @Test("mutated statements", arguments: [1, 2, 3, 4] as [UInt64])
  func mutations(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = Self.seeds.map { Array($0.utf8) }
    let tokens = [
      "'", "\"", "$$", "$1", "/*", "*/", "--", "::", "ARRAY[", "]", "(", ")", ",", ";", "E'\\", "{", "}",
      "\n", "NULL", "\u{0}",
    ]
    var accepted = 0
    for _ in 0..<10_000 {
      var bytes = pieces[Int.random(in: 0..<pieces.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<12, using: &random)))
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: place)
        case 3 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 4: bytes = Array(bytes.prefix(place))
        default:
          let other = pieces[Int.random(in: 0..<pieces.count, using: &random)]
          bytes.replaceSubrange(place..., with: other.suffix(Int.random(in: 0..<other.count, using: &random)))
        }
      }
      let result = bytes.withUnsafeBufferPointer { bytes in
        Result { () throws(WireError) in try StatementParser.parse(bytes) }
      }
      switch result {
      case .success(let statements):
        accepted += 1
        // Whatever was taken holds text that is UTF-8 (a string can't hold anything else).
        #expect(statements.count <= 1_000)
      case .failure(let error):
        #expect(error.sqlState.rawValue.count == 5)
        #expect((error.position ?? 1) <= bytes.count + 1)
      }
    }
    // The mutations are mild enough to leave some statements whole, so that both ways are walked.
    #expect(accepted > 50 && accepted < 9_950)
  }

  @Test("a quoted text comes back as it is", arguments: [11, 12] as [UInt64])
  func quoting(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("ab'\"\\$;-/*{},NULL \n\tEé😀[]():0.1").map(String.init)
    for _ in 0..<3_000 {
      let text = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? ""
      }
      .joined()
      let doubled = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
      let escaped = doubled.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
      let array = WireValue.array([.text(text), .null, .text("x")])
      let literal = (array.text ?? "").split(separator: "'", omittingEmptySubsequences: false).joined(
        separator: "''")
      let statements = try StatementParser.parse(
        "SELECT f('\(doubled)', E'\(escaped)', '\(literal)'::text[])")
      guard case .call(let call) = statements.first, statements.count == 1 else {
        Issue.record("\(text)")
        continue
      }
      #expect(call.call.arguments.map(\.value) == [.text(text), .text(text), array], "\(text)")
    }
  }
}
