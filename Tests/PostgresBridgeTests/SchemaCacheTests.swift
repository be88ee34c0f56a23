import Diagnostics
import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// Answers that are in the cache, which come without a bridge; here there is none.
@Suite(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
struct SchemaCacheTests {
  private let database: BridgeDatabase

  init() throws {
    database = try BridgeDatabase()
    try database.install()
    try database.fingerprintAll()
  }

  private func values(_ sql: String, _ parameters: [PostgresParameter] = []) throws -> [String?] {
    try database.connection.query(sql, parameters).rows.flatMap { $0 }
  }

  // MARK: Keys

  /// As `sha256sum` says of the same bytes.
  @Test func keysAreAsDocumented() {
    let fingerprint = [UInt8](repeating: 0, count: 32)
    #expect(
      Self.hexadecimal(PostgresCacheKey.key(fingerprint: fingerprint, arguments: [] as [String?]))
        == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
    // 32 zeros, then 01 00000002 c3a9, 00, and 02 00000003 7b317d.
    #expect(
      Self.hexadecimal(
        PostgresCacheKey.key(
          fingerprint: fingerprint, arguments: [.text("é"), .null, .embedding("{1}")]))
        == "acb69bad475c3297e0017657465b858d28acd1edb2625fe67162c02458b5f1c9")
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
  }

  @Test func swiftAndSQLMakeTheSameKeys() throws {
    var random = SplitMix(seed: 5)
    let pieces = [
      "", "a", "é", "e\u{301}", "😀", "\u{1}", "'", "\\", "{1,2}", "\n", String(repeating: "x", count: 300),
    ]
    for _ in 0..<300 {
      let arguments = (0..<Int(random.next() % 4)).map { _ -> PostgresCacheKey.Argument in
        let text = (0..<Int(random.next() % 5)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
          .joined()
        return switch random.next() % 5 {
        case 0: .null
        case 1: .text(text)
        case 2: .classifier(text)
        case 3: .correction(text)
        default: .embedding(text)
        }
      }
      let parts = arguments.indices.map { index in
        switch arguments[index] {
        case .embedding: " || sibyl.embedding_key_part($\(index + 2))"
        case .classifier: " || sibyl.session_key_part($\(index + 2), NULL)"
        case .correction: " || sibyl.session_key_part(NULL, $\(index + 2))"
        default: " || sibyl.key_part($\(index + 2))"
        }
      }.joined()
      let parameters = arguments.map { argument -> PostgresParameter in
        switch argument {
        case .null: .null
        case .text(let text), .embedding(let text), .classifier(let text), .correction(let text): .text(text)
        // Not among those above.
        case .texts: .null
        }
      }
      let fingerprint = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let found = try database.value(
        "SELECT encode(sha256($1\(parts)), 'hex')", [.bytes(fingerprint)] + parameters)
      #expect(found == Self.hexadecimal(PostgresCacheKey.key(fingerprint: fingerprint, arguments: arguments)))
    }
  }

  // MARK: Scalars

  @Test func everyFormOfACallFindsItsAnswer() throws {
    let labels = #"["billing", "shipping"]"#
    try database.cache("ai_sentiment", ["good"], "positive")
    try database.cache("ai_sentiment_score", ["good"], "0.75")
    try database.cache("ai_embed", ["good", nil], "{0.5,-1e-07,1}")
    try database.cache("ai_embed", ["good", "big"], "{2}")
    try database.cache("ai_score", ["good", "price"], "0.25")
    try database.cache("ai_classify", ["late", labels, nil], "shipping")
    try database.cache("ai_classify", ["late", labels, #"{"a": 1, "b": 2}"#], #"["shipping"]"#)
    try database.cache("ai_classify", ["late", #"{"a": "x", "b": "y"}"#, nil], "a")
    try database.cache("ai_similarity", ["a", "b"], "0.5")
    try database.cache("ai_similarity", [.text("a"), .embedding("{0.1,0.2}")], "0.6")
    try database.cache("ai_similarity", [.embedding("{0.1,0.2}"), .text("a")], "0.7")
    try database.cache("ai_similarity", [.embedding("{0.1}"), .embedding("{0.2}")], "0.8")
    try database.cache("ai_similarity", [.text("{0.1}"), .text("{0.2}")], "0.9")
    for (call, answer) in [
      ("ai_sentiment('good')", "positive"), ("ai_sentiment('good'::varchar)", "positive"),
      ("ai_sentiment(\"text\" => 'good')", "positive"), ("ai_sentiment_score('good')", "0.75"),
      ("ai_embed('good')", "{0.5,-1e-07,1}"), ("ai_embed('good', NULL)", "{0.5,-1e-07,1}"),
      ("ai_embed('good', model => 'big')", "{2}"), ("ai_score('good', 'price')", "0.25"),
      ("ai_classify('late', '[\"billing\",\"shipping\"]')", "shipping"),
      ("ai_classify('late', '[\"billing\", \"shipping\"]'::text)", "shipping"),
      ("ai_classify('late', '[\"billing\",   \"shipping\"]'::jsonb)", "shipping"),
      ("ai_classify('late', ARRAY['billing','shipping'])", "shipping"),
      ("ai_classify('late', ARRAY['billing','shipping']::varchar[], NULL)", "shipping"),
      ("ai_classify('late', ARRAY['billing','shipping'], '{\"b\":2,\"a\":1}')", "[\"shipping\"]"),
      ("ai_classify('late', ' {\"b\":\"y\",\"a\":\"x\"}')", "a"),
      ("ai_classify('late', jsonb_build_object('a', 'x', 'b', 'y'))", "a"),
      ("ai_similarity('a', 'b')", "0.5"), ("ai_similarity('a', '{0.1,0.2}'::real[])", "0.6"),
      ("ai_similarity('a', ARRAY[0.1,0.2]::real[])", "0.6"),
      ("ai_similarity(ARRAY[0.1,0.2], 'a')", "0.7"),
      ("ai_similarity(ARRAY[0.1]::real[], ARRAY[0.2]::real[])", "0.8"),
      ("ai_similarity('{0.1}', '{0.2}')", "0.9"),
    ] {
      #expect(try database.value("SELECT \(call)") == answer, "\(call)")
    }
    // The session's settings do not change what a call means.
    try database.connection.runScript(
      """
      SET extra_float_digits = -10; SET search_path = sibyl, pg_temp; SET bytea_output = 'escape';
      SET standard_conforming_strings = off; SET enable_indexscan = off
      """)
    #expect(try database.value("SELECT public.ai_similarity('a', '{0.1,0.2}'::real[])") == "0.6")
    #expect(try database.value("SELECT public.ai_sentiment('good')") == "positive")
  }

  /// The types of the answers; an ambiguous call would be an error.
  @Test(arguments: [
    ("ai_sentiment('a')", "text"), ("ai_sentiment(ARRAY['a'])", "text[]"),
    ("ai_sentiment_score('a')", "double precision"),
    ("ai_sentiment_score(ARRAY['a'])", "double precision[]"), ("ai_embed('a')", "real[]"),
    ("ai_embed(ARRAY['a'])", "real[]"), ("ai_classify('a', 'b')", "text"),
    ("ai_classify(NULL, NULL, NULL)", "text"), ("ai_classify('a', ARRAY['b'], '{}')", "text"),
    ("ai_classify(ARRAY['a'], ARRAY['b'], '{}')", "text[]"), ("ai_classify(ARRAY['a'], 'b')", "text[]"),
    ("ai_classify(ARRAY['a'], '[]'::jsonb)", "text[]"), ("ai_count_tokens('a')", "bigint"),
    ("ai_count_tokens(ARRAY['a'], 'b')", "bigint[]"), ("ai_similarity(NULL, NULL)", "double precision"),
    ("ai_similarity(ARRAY['a'], '{1}'::real[])", "double precision[]"), ("ai_config('a')", "text"),
    ("ai_config('a', 'b')", "text"), ("ai_version()", "text"), ("ai_cache_stats()", "jsonb"),
    ("ai_prefetch('a', 'b')", "jsonb"), ("ai_prefetch('a', 'b', 'c', 'd')", "jsonb"),
  ]) func answersHaveTheirTypes(call: String, type: String) throws {
    try database.connection.query("CREATE VIEW v AS SELECT \(call) AS answer")
    #expect(
      try values("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'v'::regclass")
        == [type])
  }

  /// What a driver's untyped parameters become.
  @Test(arguments: [
    ("ai_sentiment($1)", "{text}"), ("ai_embed($1, $2)", "{text,text}"),
    ("ai_classify($1, $2)", "{text,text}"), ("ai_classify($1, $2, $3)", "{text,text,jsonb}"),
    ("ai_similarity($1, $2)", "{text,text}"), ("ai_similarity('a', $1)", "{text}"),
    ("ai_similarity('{1}'::real[], $1)", "{text}"), ("ai_score(ARRAY['a'], $1)", "{text}"),
    ("ai_config($1)", "{text}"),
  ]) func parametersHaveTheirTypes(call: String, types: String) throws {
    try database.connection.query("PREPARE p AS SELECT \(call)")
    #expect(try values("SELECT parameter_types FROM pg_prepared_statements") == [types])
  }

  @Test func nullGivesNull() throws {
    for call in [
      "ai_sentiment(NULL)", "ai_classify(NULL, ARRAY['a','b'])", "ai_classify('a', NULL)", "ai_embed(NULL)",
      "ai_embed(NULL, 'm')", "ai_similarity(NULL, 'a')", "ai_similarity('a', NULL::real[])",
      "ai_sentiment(NULL::text[])", "ai_count_tokens(NULL::text)", "ai_score('a', NULL)", "ai_config(NULL)",
      "ai_classify(NULL::text[], 'x')", "ai_prefetch(NULL, 'ai_sentiment')",
    ] {
      #expect(try values("SELECT \(call) IS NULL") == ["t"], "\(call)")
    }
    #expect(try values("SELECT text FROM ai_chunk(NULL)") == [])
    try database.cache("ai_sentiment", [" "], nil)
    #expect(try values("SELECT ai_sentiment(' ') IS NULL") == ["t"])
  }

  // MARK: Arrays

  @Test func arraysAreAssembledInOrder() throws {
    for text in ["a", "b", "A", "ä", "a\u{308}"] {
      try database.cache("ai_sentiment", [text], "mood of \(text)")
      try database.cache("ai_sentiment_score", [text], "0.5")
      try database.cache("ai_embed", [text, nil], "{\(text.utf8.count),0.5}")
      try database.cache("ai_classify", [text, #"["x", "y"]"#, nil], "x")
    }
    try database.cache("ai_sentiment", ["none"], nil)
    let texts: [String?] = ["b", nil, "a", "b", "A", "ä", "a\u{308}", "none"]
    let moods = try values("SELECT unnest(ai_sentiment($1))", [.texts(texts)])
    #expect(
      moods.map { $0.map { Array($0.utf8) } }
        == texts.map { text in
          text.flatMap { $0 == "none" ? nil : Array("mood of \($0)".utf8) }
        })
    #expect(try values("SELECT ai_sentiment_score(ARRAY['a', NULL, 'b'])") == ["{0.5,NULL,0.5}"])
    #expect(try values("SELECT ai_embed(ARRAY['a', NULL, 'ä'])") == ["{{1,0.5},{NULL,NULL},{2,0.5}}"])
    #expect(try values("SELECT ai_embed(ARRAY[NULL, NULL]::text[])") == ["{{NULL},{NULL}}"])
    #expect(try values("SELECT ai_classify(ARRAY['a', 'b'], ARRAY['x', 'y'])") == ["{x,x}"])
    for call in ["ai_sentiment('{}'::text[])", "ai_embed('{}'::text[])", "ai_sentiment_score('{}'::text[])"] {
      #expect(try values("SELECT \(call)") == ["{}"])
    }
    #expect(try values("SELECT ai_sentiment('[5:6]={a,b}'::text[])") == ["{\"mood of a\",\"mood of b\"}"])
    let error = #expect(throws: PostgresError.self) {
      try values("SELECT ai_sentiment(ARRAY[['a', 'b'], ['c', 'd']])")
    }
    #expect(error?.sqlState == "2202E" && error?.error.message.contains("one dimension; got 2") == true)
  }

  /// Bytes decide, whatever the collation of the argument says.
  @Test func collationsDoNotMixTexts() throws {
    try database.connection.query(
      "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)")
    try database.cache("ai_sentiment", ["a"], "small")
    try database.cache("ai_sentiment", ["A"], "large")
    #expect(
      try values("SELECT ai_sentiment(ARRAY['a' COLLATE blind, 'A', 'a'])") == ["{small,large,small}"])
  }

  @Test func longArrays() throws {
    let count = 20_000
    try database.schema.storeAnswers(
      (0..<count).map { number in
        (
          PostgresCacheKey.key(
            fingerprint: BridgeDatabase.fingerprint("ai_sentiment"), arguments: ["text \(number)"]),
          String(number)
        )
      })
    let sum = try values(
      """
      SELECT count(*), sum(abs(u.answer::int - (u.place - 1))) FROM unnest(ai_sentiment(
        ARRAY(SELECT 'text ' || n FROM generate_series(0, $1) AS n))) WITH ORDINALITY AS u (answer, place)
      """, [.integer(Int64(count - 1))])
    #expect(sum == [String(count), "0"])
  }

  // MARK: Plans

  /// The session that made its plan while the cache was empty must still use the index when it is full.
  @Test func theIndexIsUsedWhateverTheSizeWas() throws {
    try database.cache("ai_sentiment", ["0"], "x")
    try database.connection.query("ANALYZE sibyl.cache, sibyl.function")
    for _ in 0..<10 { _ = try database.value("SELECT ai_sentiment('0')") }
    _ = try database.value("SELECT ai_sentiment(ARRAY['0'])")
    try database.connection.query(
      """
      INSERT INTO sibyl.cache (key, answer)
      SELECT sha256(fingerprint || sibyl.key_part(n::text)), 'x' FROM sibyl.function, generate_series(1, 5000) AS n
      WHERE name = 'ai_sentiment'
      """)
    func scans() throws -> [Int] {
      try values(
        """
        SELECT pg_stat_get_xact_numscans('sibyl.cache'::regclass),
          pg_stat_get_xact_numscans('sibyl.cache_pkey'::regclass),
          pg_stat_get_xact_tuples_returned('sibyl.cache_pkey'::regclass)
        """
      ).map { Int($0 ?? "") ?? -1 }
    }
    // In one transaction, since counts are sent away between transactions.
    try database.connection.query("BEGIN")
    let before = try scans()
    #expect(try values("SELECT count(ai_sentiment(n::text)) FROM generate_series(1, 5000) AS n") == ["5000"])
    #expect(
      try values("SELECT cardinality(ai_sentiment(ARRAY(SELECT n::text FROM generate_series(1, 5000) AS n)))")
        == ["5000"])
    let counts = zip(try scans(), before).map(-)
    // No reading of the whole table, one look-up a text, and each finds one row.
    #expect(counts == [0, 10_000, 10_000], "\(counts)")
  }

  @Test func settingsDoNotLeak() throws {
    try database.cache("ai_sentiment", ["a"], "x")
    let before = try values("SELECT current_setting('enable_seqscan'), current_setting('search_path')")
    _ = try values("SELECT ai_sentiment('a'), ai_sentiment(ARRAY['a'])")
    #expect(try values("SELECT current_setting('enable_seqscan'), current_setting('search_path')") == before)
  }

  // MARK: Writing

  @Test func fingerprintsDecideWhatIsFound() throws {
    try database.cache("ai_sentiment", ["a"], "old")
    #expect(try values("SELECT ai_sentiment('a')") == ["old"])
    let other = [UInt8](repeating: 9, count: 32)
    try database.schema.updateFingerprints([("ai_sentiment", other)])
    #expect(try values("SELECT name FROM sibyl.function") == ["ai_sentiment"])
    let error = #expect(throws: PostgresError.self) { try values("SELECT ai_sentiment('a')") }
    #expect(error?.sqlState == "08006")
    try database.schema.storeAnswers([
      (PostgresCacheKey.key(fingerprint: other, arguments: ["a"]), "new")
    ])
    #expect(try values("SELECT ai_sentiment('a')") == ["new"])
    try database.fingerprintAll()
    #expect(try values("SELECT ai_sentiment('a')") == ["old"])
    #expect(throws: PostgresError.self) { try database.schema.updateFingerprints([("x", [1, 2])]) }
    try database.schema.updateFingerprints([])
    #expect(try values("SELECT count(*) FROM sibyl.function") == ["0"])
  }

  @Test func storingTwiceKeepsTheFirst() throws {
    let key = PostgresCacheKey.key(fingerprint: BridgeDatabase.fingerprint("ai_sentiment"), arguments: ["a"])
    #expect(try database.schema.storeAnswers([(key, "one"), (key, "two")]) == 1)
    #expect(try database.schema.storeAnswers([(key, "three")]) == 0)
    #expect(try values("SELECT ai_sentiment('a')") == ["one"])
    #expect(try database.schema.storeAnswers([]) == 0)
    let many = (0..<25_000).map { number -> (key: [UInt8], answer: String?) in
      (PostgresCacheKey.key(fingerprint: [], arguments: ["\(number)"]), number % 3 == 0 ? nil : "x\n\"\\{}'")
    }
    #expect(try database.schema.storeAnswers(many) == 25_000)
    #expect(try values("SELECT count(*), count(answer) FROM sibyl.cache") == ["25001", "16667"])
  }

  @Test func storingDoesNotHang() throws {
    let other = try database.connect()
    try other.query("BEGIN")
    try other.query("LOCK TABLE sibyl.cache")
    let error = #expect(throws: PostgresError.self) { try database.cache("ai_sentiment", ["a"], "x") }
    #expect(error?.sqlState == "55P03" && error?.isConnectionLost == false)
    try other.query("ROLLBACK")
    try database.cache("ai_sentiment", ["a"], "x")
    #expect(try values("SELECT ai_sentiment('a')") == ["x"])
  }

  @Test func trimmingRemovesTheOldest() throws {
    let answers = (0..<4_000).map { number -> (key: [UInt8], answer: String?) in
      (PostgresCacheKey.key(fingerprint: [], arguments: ["\(number)"]), String(repeating: "y", count: 100))
    }
    try database.schema.storeAnswers(Array(answers[..<2_000]))
    try database.schema.storeAnswers(Array(answers[2_000...]))
    let schema = database.schema
    #expect(try schema.trimCache(maximumBytes: 1 << 30) == 0)
    // 4,000 rows count as 1,016,000 bytes.
    let removed = try schema.trimCache(maximumBytes: 600_000)
    #expect((1_800...1_950).contains(removed), "\(removed)")
    #expect(try schema.trimCache(maximumBytes: 600_000) == 0)
    let left = try values("SELECT encode(key, 'hex') FROM sibyl.cache").compactMap { $0 }
    let newer = Set(answers[2_000...].map { Self.hexadecimal($0.key) })
    #expect(newer.isSubset(of: left))
    #expect(try schema.trimCache(maximumBytes: 0) == 4_000 - removed)
    #expect(try schema.trimCache(maximumBytes: -5) == 0)
  }
}
