import Foundation
import Functions
import PostgresClient
import PostgresTestSupport
import Testing

/// Texts that look like SQL stay texts, in every argument of every function, on the way to the bridge and back.
@Suite(.serialized, .endToEnd) struct InjectionTests {
  private static let payloads = [
    "'); DROP TABLE victim; --", "''); DROP TABLE victim; --", #"\'); DROP TABLE victim; --"#,
    #"\\'); DROP TABLE victim; --"#, "E'\\''); DROP TABLE victim; --", "$$); DROP TABLE victim; --",
    "$sibyl$); DROP TABLE victim; $sibyl$", "'::text[]); DROP TABLE victim; --", "'/* */ || (SELECT 1) || '",
    "', 'x'), ('y", "%s %L %I %1$s", "{\"a\",\"b'); DROP TABLE victim; --\"}", "\"; DROP TABLE victim; --",
    "x\u{2019}); DROP TABLE victim; --", "' UNION SELECT password FROM pg_shadow --",
    "\n; DROP TABLE victim;\n",
    #"\u0027); DROP TABLE victim; --"#, "NULL", "$1", ":victim", "'", "''", #"\"#, #"\\"#, "\"", "{", "[\"",
  ]

  private let bed: EndToEnd
  private let connection: PostgresConnection

  init() throws {
    bed = try EndToEnd.shared.get()
    connection = try bed.connect()
    try connection.query("CREATE TABLE IF NOT EXISTS victim (a int)")
  }

  /// The text as a literal, in the ways in which statements are written by hand.
  private func literals(_ text: String) -> [String] {
    let escaped = text.replacing(#"\"#, with: #"\\"#).replacing("'", with: "''")
    return [SQLQuoting.literal(text), "E'\(escaped)'", "$payload$\(text)$payload$"]
  }

  private func expectNothingHappened() throws {
    #expect(try connection.value("SELECT to_regclass('victim')") == "victim")
    #expect(try connection.value("SELECT ok FROM sibyl.health()") == "t")
  }

  /// Forms of calls with a text in one place, `@`, which must be answered as for a bound text.
  private static let calls = [
    "ai_sentiment(@)", "ai_sentiment(ARRAY[@, 'x', @])", "ai_sentiment_score(@)", "md5(ai_embed(@)::text)",
    "md5(ai_embed(ARRAY[@])::text)", "ai_count_tokens(@)", "ai_count_tokens(ARRAY['x', @])",
    "ai_score(@, 'x')",
    "ai_score('x y', @)", "ai_score(ARRAY['x', 'y'], @)", "ai_similarity(@, 'x')", "ai_similarity('x', @)",
    "ai_similarity(ARRAY['x'], @)", "ai_similarity(@, ai_embed('x'))", "ai_similarity(ai_embed('x'), @)",
    "(SELECT jsonb_agg(c) FROM ai_chunk(@, 8) AS c)",
    "ai_classify(@, ARRAY['x', 'y'])", "ai_classify('x', ARRAY[@, 'other'], '{\"scores\":true}')",
    "ai_classify(ARRAY['x'], ARRAY[@, 'other'])",
    "ai_classify('x', jsonb_build_array(@, 'other'), '{\"scores\":true}')",
    "ai_classify('x', jsonb_build_array(@, 'other')::text, '{\"scores\":true}')",
    "ai_classify('x', jsonb_build_object('a', @, 'b', 'other'))",
    "ai_classify('x', ARRAY['a', 'b'], jsonb_build_object('examples', jsonb_build_array("
      + "jsonb_build_object('text', @, 'label', 'a'), jsonb_build_object('text', 'other', 'label', 'b'))))",
    "ai_prefetch('SELECT 1', 'ai_score', @) ->> 'calls'",
    "ai_prefetch('SELECT 1', 'ai_classify', jsonb_build_array(@, 'x')::text) ->> 'calls'",
  ]

  @Test func everyArgumentThatIsText() throws {
    for payload in Self.payloads {
      for call in Self.calls {
        let expected = try connection.query(
          "SELECT \(call.replacing("@", with: "$1::text"))", [.text(payload)]
        ).rows
        // Computed anew where it is cached: the first half of the payloads.
        for literal in literals(payload) {
          let found = try connection.query("SELECT \(call.replacing("@", with: literal))").rows
          #expect(found == expected, "\(call) with \(literal)")
        }
      }
      // What comes back is the very text.
      #expect(
        try connection.value(
          "SELECT ai_classify('x', ARRAY[$1::text, 'other'], '{\"scores\":true}')::jsonb ? $1::text",
          [.text(payload)])
          == "t")
      #expect(
        try connection.value(
          "SELECT ai_classify($1::text, ARRAY[$1::text, 'the weather in Spain'])", [.text(payload)]
        )
        .map { [payload, "the weather in Spain"].contains($0) } != false)
      if !payload.contains(where: \.isWhitespace) {
        #expect(
          try connection.value("SELECT string_agg(text, '') FROM ai_chunk($1)", [.text(payload)]) == payload)
      }
    }
    try expectNothingHappened()
  }

  /// Where a text names something, it is told that there is no such thing.
  @Test func namesAreNotFound() throws {
    for payload in Self.payloads {
      for call in [
        "ai_embed('x', @)", "ai_embed(ARRAY['x'], @)", "ai_count_tokens('x', @)",
        "ai_classify('x', ARRAY['a', 'b'], jsonb_build_object('model', @))",
        "ai_prefetch('SELECT 1', 'ai_embed', @)",
      ] where call != "ai_prefetch('SELECT 1', 'ai_embed', @)" || payload != "" {
        let error = connection.failure("SELECT \(call.replacing("@", with: "$1::text"))", [.text(payload)])
        #expect(
          ["22023", "55000"].contains(error?.sqlState), "\(call) with \(payload): \(error?.sqlState ?? "")")
      }
      let setting = connection.failure("SELECT ai_config($1)", [.text(payload)])
      #expect(
        setting?.sqlState == "22023" && setting?.error.message.hasSuffix("; got \"\(payload)\"") == true)
      let value = connection.failure("SELECT ai_config('embedding_model', $1)", [.text(payload)])
      #expect(["22023", "55000"].contains(value?.sqlState))
      let function = connection.failure("SELECT ai_prefetch('SELECT 1', $1)", [.text(payload)])
      #expect(
        function?.sqlState == "42883" && function?.error.message.contains("; got \"\(payload)\"") == true)
      let option = connection.failure(
        "SELECT ai_classify('x', ARRAY['a', 'b'], jsonb_build_object($1::text, 1))", [.text(payload)])
      #expect(option?.sqlState == "22023")
      if !["{", "[\""].contains(where: payload.hasPrefix) {
        #expect(
          connection.failure("SELECT ai_classify('x', $1::text)", [.text(payload)])?.sqlState == "22023")
      }
    }
    try expectNothingHappened()
  }

  /// The query of a prefetch is a query: of one statement, which changes nothing and may do what its user may.
  @Test func aPrefetchedQueryIsOnlyThat() throws {
    for query in [
      "SELECT 'x'; DROP TABLE victim", "SELECT 'x') AS y (z)) AS w; DROP TABLE victim; --",
      "SELECT 'x') AS given (argument)) AS wanted GROUP BY 1; DROP TABLE victim; SELECT (SELECT ('x'",
      "DROP TABLE victim", "DELETE FROM victim RETURNING 'x'", "",
    ] {
      let error = connection.failure("SELECT ai_prefetch($1, 'ai_sentiment')", [.text(query)])
      #expect(["42601", "42P11", "0A000"].contains(error?.sqlState), "\(query): \(error?.sqlState ?? "")")
    }
    #expect(
      try connection.value(
        "SELECT ai_prefetch($1, 'ai_sentiment') ->> 'calls'", [.text("SELECT 'x' -- ; \n ; ")])
        == "1")
    try expectNothingHappened()
  }

  /// The same texts at the bridge's own port, where the little grammar reads them.
  @Test func atTheBridgesPort() throws {
    let bridge = try PostgresConnection(PostgresDSN(bed.bridgeDSN))
    for payload in Self.payloads {
      let expected = try connection.value("SELECT ai_count_tokens($1)", [.text(payload)])
      for literal in literals(payload) where !literal.contains("$payload$$") {
        #expect(try bridge.value("SELECT ai_count_tokens(\(literal))") == expected, "\(literal)")
      }
      #expect(try bridge.value("SELECT ai_count_tokens($1)", [.text(payload)]) == expected)
      #expect(
        try bridge.value("SELECT ai_count_tokens($1::text[])", [.texts([payload, nil, payload])])
          == "{\(expected ?? ""),NULL,\(expected ?? "")}")
    }
    for statement in [
      "SELECT ai_version(); DROP TABLE victim", "DROP TABLE victim", "SELECT * FROM victim",
      "SELECT ai_sentiment(body) FROM t",
      "SELECT ai_sentiment((SELECT 'x'))", "SELECT ai_sentiment('x' || 'y')",
      "SELECT pg_read_file('/etc/passwd')",
      "COPY victim FROM STDIN", "SELECT ai_sentiment('x') UNION SELECT 'y'", "DO $$BEGIN END$$",
    ] {
      let error = bridge.failure(statement)
      #expect(
        ["42601", "42883", "0A000"].contains(error?.sqlState), "\(statement): \(error?.sqlState ?? "")")
    }
    #expect(try bridge.value("SELECT ai_sentiment('I love it')") == "positive")
    try expectNothingHappened()
  }
}
