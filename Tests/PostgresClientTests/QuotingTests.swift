import PostgresClient
import PostgresTestSupport
import Testing

@Suite struct QuotingTests {
  @Test func identifiersAndLiterals() {
    #expect(SQLQuoting.identifier("my \"table\"") == "\"my \"\"table\"\"\"")
    #expect(SQLQuoting.literal("it's") == "'it''s'")
    #expect(SQLQuoting.literal("a\\'b") == "E'a\\\\''b'")
    // A quotation mark under a combining accent is one character to Swift and two to SQL.
    #expect(SQLQuoting.literal("'\u{301}") == "'''\u{301}'")
  }

  /// Whatever is quoted comes back as it was.
  @Test(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
  func theServerReadsWhatWasMeant() throws {
    let connection = try ThrowawayPostgres.shared.get().connect()
    let pieces = [
      "'", "\"", "\\", "\u{301}", "$$", "--", "/*", ";", "\n", "é", "😀", "x", "'); DROP TABLE t; --",
    ]
    var random = SplitMix(seed: 3)
    for setting in ["on", "off"] {
      try connection.query("SET standard_conforming_strings = \(setting)")
      for _ in 0..<200 {
        let text = (0..<Int(random.next() % 8)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
          .joined()
        let name = "n" + text.prefix(20)
        let rows = try connection.query(
          "SELECT \(SQLQuoting.literal(text)) AS \(SQLQuoting.identifier(name))")
        #expect(rows.first.map { Array($0.utf8) } == Array(text.utf8))
        #expect(rows.columns.first?.name.utf8.first == UInt8(ascii: "n"))
      }
    }
  }
}

/// SplitMix64: the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
