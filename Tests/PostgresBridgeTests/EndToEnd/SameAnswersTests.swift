import Foundation
import Functions
import PostgresClient
import PostgresTestSupport
import Testing

/// Every function of the catalogue gives in Postgres what it gives in SQLite, to the last bit, on every way there:
/// computed and cached, alone and in arrays.
@Suite(.serialized, .endToEnd, .enabled(if: SQLiteAnswers.obstacle == nil, "\(SQLiteAnswers.obstacle ?? "")"))
struct SameAnswersTests {
  /// A bridge of its own, because the cache is emptied here, and requests are counted.
  private static let bed = Result { () throws -> EndToEnd in
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get())
    let connection = try bed.connect()
    try connection.query("CREATE TABLE texts (id int PRIMARY KEY, body text)")
    for (id, text) in NastyTexts.all.enumerated() {
      try connection.query("INSERT INTO texts VALUES ($1, $2)", [.integer(Int64(id)), .text(text)])
    }
    try connection.query("INSERT INTO texts VALUES ($1, NULL)", [.integer(Int64(NastyTexts.all.count))])
    return bed
  }

  private let bed: EndToEnd
  private let connection: PostgresConnection
  private let sqlite: SQLiteAnswers

  init() throws {
    bed = try Self.bed.get()
    connection = try bed.connect()
    sqlite = SQLiteAnswers(folder: bed.folder)
  }

  // MARK: Examples

  @Test func examplesGiveWhatTheySay() throws {
    let examples = Catalogue.entries.filter(\.isInPostgres).flatMap { entry in
      entry.examples.map { (entry.name, $0.postgres) }
    }
    #expect(examples.count >= 12)
    let script = examples.map { "\($0.1.sql)\n\\echo --" }.joined(separator: "\n")
    let psql = try ChildProcess.psql(bed.dsn, ["-q", "-A", "-t"], input: script).end()
    #expect(psql.errors == "")
    let answers = psql.output.components(separatedBy: "--\n")
    #expect(answers.count == examples.count + 1)
    for ((name, example), answer) in zip(examples, answers) {
      if let expected = example.answer { #expect(answer == expected + "\n", "\(name): \(example.sql)") }
    }
  }

  // MARK: Functions of a text

  /// What stands behind the first argument, in the words of each database.
  private struct Rest: CustomStringConvertible {
    var sqlite = ""
    var postgres = ""
    var description: String { postgres }

    init() {}

    init(_ text: String) {
      sqlite = text
      postgres = text
    }

    init(_ sqlite: String, _ postgres: String) {
      self.sqlite = sqlite
      self.postgres = postgres
    }

    func adding(_ one: Rest) -> Rest { Rest(sqlite + ", " + one.sqlite, postgres + ", " + one.postgres) }
  }

  /// Ways to give a parameter. A new function is tested with what its parameters' types allow.
  private static func ways(_ parameter: Parameter, of entry: any CatalogueEntry) -> [Rest] {
    switch parameter.type {
    case .json where parameter.name == "entities":
      [Rest(#"'["email","date"]'"#, "ARRAY['email', 'date']"), Rest(#"'["e-mail","person"]'"#)]
    case .json where parameter.name == "fields": [Rest(#"'["name","it''s \\ broken"]'"#)]
    // Few tokens, because the answers are many.
    case .json where writes(entry): [Rest(#"'{"max_tokens":16,"on_error":"null"}'"#)]
    case .json where parameter.isList:
      [
        Rest(#"'["billing","shipping","it''s broken"]'"#),
        Rest(
          #"'["billing","shipping","it''s broken"]'"#, "ARRAY['billing', 'shipping', 'it''s broken']"),
        Rest(
          #"'{"shipping":"parcels, delivery","billing":"invoices \\ money"}'"#,
          #"'{"billing":"invoices \\ money","shipping":"parcels, delivery"}'::jsonb"#),
      ]
    case .json where entry.details.contains("multi_label"):
      [Rest(#"'{"scores":true}'"#), Rest(#"'{"multi_label":true,"min_confidence":0.30}'"#)]
    case .json: [Rest(#"'{"scores":true}'"#), Rest(#"'{"min_confidence":0.30}'"#)]
    case .text where parameter.name == "model": [Rest("'minilm'")]
    case .text, .scalar: [Rest(#"'it''s late \ $1 – 日本語'"#)]
    case .textOrEmbedding: [Rest("'it''s late'"), Rest("ai_embed('it''s late')")]
    case .embedding: [Rest("ai_embed('it''s late')")]
    case .integer: [Rest("8")]
    case .boolean: [Rest("1", "true")]
    case .real: [Rest("0.5")]
    // Not in SQL: an aggregate function takes a text a row.
    case .texts: []
    }
  }

  /// Whether a decoder writes the answers: then every call says how long they may be.
  private static func writes(_ entry: any CatalogueEntry) -> Bool { entry.details.contains("max_tokens") }

  /// The texts that a function is asked about. Reading the longest one in parts takes a decoder seconds a call, and
  /// what is nasty about texts is in the others.
  private static func texts(_ entry: any CatalogueEntry) -> (table: String, count: Int) {
    guard writes(entry) else { return ("texts", NastyTexts.all.count) }
    return (
      "(SELECT * FROM texts WHERE body IS NULL OR length(body) < 20000) AS texts",
      NastyTexts.all.count { $0.unicodeScalars.count < 20_000 }
    )
  }

  /// Every way to give what stands behind the first argument.
  private static func rests(_ entry: any CatalogueEntry) -> [Rest] {
    var rests = [Rest()]
    var complete: [Rest] = entry.arity.contains(1) ? [Rest()] : []
    for (position, parameter) in entry.parameters.enumerated().dropFirst() {
      rests = rests.flatMap { rest in ways(parameter, of: entry).map { rest.adding($0) } }
      if entry.arity.contains(position + 1) { complete += rests }
    }
    return writes(entry) ? rests : complete
  }

  private static let functions = Catalogue.functions.filter {
    !$0.belongsToSession && $0.volatility == .immutable
      && [.text, .textOrEmbedding].contains($0.parameters.first?.type)
  }

  /// The same words as `SQLiteAnswers.described`.
  private static func described(_ text: String?, _ type: ValueType) -> String {
    func hex(_ bytes: some Sequence<UInt8>) -> String {
      bytes.map { String(Int($0) + 0x100, radix: 16).dropFirst().uppercased() }.joined()
    }
    guard let text else { return "null" }
    switch type {
    case .integer: return "integer \(text)"
    case .boolean: return "integer \(text == "t" ? 1 : 0)"
    case .real:
      let bits = (Double(text) ?? .nan).bitPattern
      return "real " + hex((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) })
    case .embedding:
      let numbers = text.dropFirst().dropLast().split(separator: ",").map { Float($0) ?? .nan }
      return "embedding "
        + hex(
          numbers.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32($0))) }
          })
    default: return "text " + hex(text.utf8)
    }
  }

  @Test(arguments: functions.map(\.name)) func functionsOfAText(_ name: String) throws {
    let function = try #require(Catalogue.function(named: name))
    let rests = Self.rests(function)
    let texts = Self.texts(function)
    #expect(!rests.isEmpty)
    let expected = try sqlite.lines(
      rests.map {
        "SELECT \(SQLiteAnswers.described("\(name)(body\($0.sqlite))")) FROM \(texts.table) ORDER BY id"
      })
    #expect(expected.map(\.count) == rests.map { _ in texts.count + 1 })

    for (rest, expected) in zip(rests, expected) {
      func check(_ answers: [String?], _ way: String) {
        let found = answers.map { Self.described($0, function.returns) }
        #expect(found.count == expected.count, "\(name)(body\(rest)), \(way)")
        for (id, (found, expected)) in zip(found, expected).enumerated() where found != expected {
          Issue.record(
            "\(name)(body\(rest)), \(way), text \(id): \(found.prefix(200)) instead of \(expected.prefix(200))"
          )
        }
      }
      // The array form first: it has to compute, or at least to ask.
      try connection.query("TRUNCATE sibyl.cache")
      check(try arrayAnswers(function, rest.postgres, texts.table), "as an array")
      if function.isCached {
        check(try arrayAnswers(function, rest.postgres, texts.table), "as a cached array")
      }
      try connection.query("TRUNCATE sibyl.cache")
      check(try scalarAnswers(name, rest.postgres, texts.table), "one by one")
      if function.isCached {
        // The bridge fills the table behind the callers' backs: in the end it has all of them.
        let allCached = try eventually {
          let requests = try requests()
          check(try scalarAnswers(name, rest.postgres, texts.table), "cached")
          return try self.requests() == requests
        }
        #expect(allCached, "\(name)(body\(rest)) asks the bridge for what should be cached")
      }
    }
  }

  private func scalarAnswers(_ name: String, _ rest: String, _ texts: String) throws -> [String?] {
    try connection.query("SELECT \(name)(body\(rest)) FROM \(texts) ORDER BY id").rows.map { $0[0] }
  }

  /// Every text twice, in two orders, NULLs among them: the answers of the first half, once both are the same.
  private func arrayAnswers(_ function: AIFunction, _ rest: String, _ texts: String) throws -> [String?] {
    let element =
      function.returns == .embedding
      // A NULL is a row of NULLs: an array can't have a hole of another size.
      ? "(SELECT array_agg(v) FROM unnest(a.answers[i:i]) AS v WHERE v IS NOT NULL)" : "a.answers[i]"
    let rows = try connection.query(
      """
      WITH a AS MATERIALIZED (
        SELECT \(function.name)(
          (SELECT array_agg(body ORDER BY id) || array_agg(body ORDER BY id DESC) FROM \(texts))\(rest)) AS answers)
      SELECT \(element) FROM a, generate_subscripts(a.answers, 1) AS i ORDER BY i
      """
    ).rows.map { $0[0] }
    let half = rows.count / 2
    #expect(Array(rows.prefix(half)) == rows.suffix(half).reversed())
    return Array(rows.prefix(half))
  }

  private func requests() throws -> Int { try connection.integer("SELECT requests FROM sibyl.status") }

  @Test func arraysOfNothing() throws {
    for function in Self.functions {
      let rest = Self.rests(function)[0].postgres
      let name = function.name
      #expect(try connection.value("SELECT cardinality(\(name)('{}'::text[]\(rest)))") == "0", "\(name)")
      #expect(try connection.value("SELECT \(name)(NULL::text[]\(rest)) IS NULL") == "t", "\(name)")
      #expect(
        try connection.value("SELECT count(e) FROM unnest(\(name)(ARRAY[NULL, NULL]\(rest))) AS e") == "0",
        "\(name)")
      #expect(try connection.value("SELECT \(name)(NULL::text\(rest)) IS NULL") == "t", "\(name)")
    }
  }

  // MARK: Tables, and functions without a text

  @Test(arguments: [Rest(), Rest(", 8"), Rest(", 40, 15"), Rest(", 4, 2")].map(\.postgres))
  func chunks(_ rest: String) throws {
    let expected = try sqlite.lines([
      """
      SELECT n.id || ' ' || c.position || ' ' || hex(c.text) || ' ' || c.start || ' ' || c.length
      FROM texts AS n, ai_chunk(n.body\(rest)) AS c ORDER BY n.id, c.position
      """
    ])[0]
    let found = try connection.query(
      """
      SELECT n.id || ' ' || c.position || ' ' || upper(encode(convert_to(c.text, 'UTF8'), 'hex')) || ' ' || c.start
        || ' ' || c.length
      FROM texts AS n, ai_chunk(n.body\(rest)) AS c ORDER BY n.id, c.position
      """
    ).rows.map { $0[0] ?? "" }
    #expect(expected.count > NastyTexts.all.count / 2)
    #expect(found == expected)
    #expect(
      try connection.value(
        """
        SELECT bool_and(c.text = substr(n.body, c.start::int, c.length::int))
        FROM texts AS n, ai_chunk(n.body\(rest)) AS c WHERE length(n.body) < 20000
        """) == "t")
  }

  @Test func tablesWithoutArguments() throws {
    var seen: Set<String> = []
    // What a process did with cascades is not the same in two processes.
    let tables = Catalogue.tables.filter { $0.isInPostgres && $0.session == nil && $0.name != "ai_cascades" }
    for table in tables where table.parameters.isEmpty {
      seen.insert(table.name)
      // Whether this very process has the model in memory is not the same in two processes.
      let columns = table.columns.filter { $0.name != "loaded" && $0.type != .json }
      let expected = try sqlite.lines([
        "SELECT " + columns.map { SQLiteAnswers.described("\"\($0.name)\"") }.joined(separator: " || ' ' || ")
          + " FROM \(table.name)()"
      ])[0]
      let list = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
      let found = try connection.query("SELECT \(list) FROM \(table.name)()").rows.map { row in
        zip(row, columns).map { Self.described($0, $1.type) }.joined(separator: " ")
      }
      #expect(!expected.isEmpty && found == expected, "\(table.name)")
    }
    #expect(seen == ["ai_functions", "ai_models"])
  }

  @Test func functionsWithoutAText() throws {
    let queries = [
      "SELECT ai_version()", "SELECT ai_config('embedding_model')", "SELECT ai_config('precision')",
    ]
    for (query, expected) in zip(queries, try sqlite.lines(queries)) {
      #expect(try [connection.value(query)] == expected, "\(query)")
    }
    #expect(try connection.value("SELECT ai_cache_stats() ->> 'state'") == "ready")
    #expect(try connection.value("SELECT jsonb_typeof(ai_generation_stats())") == "object")
  }

  /// What a session may have set to its taste, and what would change answers or break calls if it got through.
  @Test func sessionsWithSettings() throws {
    let expected = try digests(connection)
    for settings in [
      "standard_conforming_strings = off", "array_nulls = off", "extra_float_digits = -15",
      "bytea_output = escape",
      "escape_string_warning = off; SET backslash_quote = on", "client_encoding = LATIN1",
      "DateStyle = German",
      "transform_null_equals = on", "quote_all_identifiers = on", "search_path = pg_catalog",
      "enable_indexscan = off; SET enable_bitmapscan = off", "plan_cache_mode = force_generic_plan",
      "default_transaction_isolation = serializable; SET default_transaction_read_only = on",
      // As on a large table.
      "min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0",
      "force_parallel_mode = on",
    ] {
      let session = try bed.connect()
      try session.runScript("SET \(settings)")
      #expect(try digests(session) == expected, "cached, \(settings)")
      try connection.query("TRUNCATE sibyl.cache")
      #expect(try digests(session) == expected, "\(settings)")
    }
  }

  /// Digests of answers, made in a way that no setting changes.
  private func digests(_ connection: PostgresConnection) throws -> [[String?]] {
    let texts = [
      "ai_classify(body, ARRAY['a', E'b\\\\c', 'it''s'])",
      "ai_classify(body, '[\"a\",\"b\"]', '{\"scores\":true}')",
      "ai_sentiment(body)",
      "array_to_string(public.ai_sentiment(ARRAY[body, NULL, 'NULL', E'\\\\']), ',', '?')",
    ].map { "textsend(\($0.hasPrefix("ai_") ? "public." : "")\($0))" }
    let numbers = [
      "ai_score(body, E'it''s \\\\ late')", "ai_similarity(body, 'x')",
      "ai_similarity(public.ai_embed(body), 'x')",
      "ai_count_tokens(body)::float8",
    ].map { "float8send(public.\($0))" }
    let columns = (texts + numbers).map { "encode(sha256(\($0)), 'hex')" }.joined(separator: ", ")
    return try connection.query(
      "SELECT \(columns) FROM public.texts WHERE length(body) BETWEEN 1 AND 200 AND id % 2 = 0 ORDER BY id"
    ).rows
  }

  /// So that a new function does not go untested.
  @Test func everyFunctionIsCompared() {
    let compared =
      Self.functions.map(\.name) + [
        "ai_chunk", "ai_functions", "ai_models", "ai_version", "ai_config", "ai_cache_stats",
        "ai_generation_stats", "ai_cascades", "ai_predict", "ai_predict_proba",
      ]
    // Groups have tests of their own: see Tests/SQL and Tests/SQLPostgres.
    let others = Catalogue.entries.filter {
      !($0 is AIAggregate) && $0.isInPostgres && $0.session == nil && !compared.contains($0.name)
    }
    // Those that work on the session are Postgres's own: see PrefetchTests and Tests/SQLPostgres.
    #expect(
      others.map(\.name)
        == Catalogue.functions.filter { $0.belongsToSession && $0.isInPostgres && $0.session == nil }.map(
          \.name)
    )
  }

  // MARK: Classifiers

  /// The same rows give the same classifier in both, bit for bit, and it answers the same.
  @Test(arguments: ["", #", '{"method":"lora","epochs":1}'"#]) func classifiers(_ options: String) throws {
    let rows =
      "SELECT body || n, length(body) % 3 FROM texts, generate_series(1, 2) AS s WHERE length(body) BETWEEN 2 AND 300"
    func train(_ n: String) -> String {
      "ai_train('compared', '\(rows.replacing("|| n", with: "|| \(n)"))'\(options))"
    }
    let columns = [
      "ai_predict('compared', body)", "ai_predict('compared', body, '{\"min_confidence\":0.5}')",
      "ai_predict('compared', body, '{\"scores\":true}')",
    ]
    let expected = try sqlite.lines(
      ["SELECT \(train("s.value")) ->> '$.digest'"]
        + columns.map { "SELECT \(SQLiteAnswers.described($0)) FROM texts ORDER BY id" })
    #expect(try connection.value("SELECT \(train("s")) ->> 'digest'") == expected[0].first)
    for (column, expected) in zip(columns, expected.dropFirst()) {
      try connection.query("TRUNCATE sibyl.cache")
      for way in ["computed", "cached"] {
        let found = try connection.query("SELECT \(column) FROM texts ORDER BY id").rows.map {
          Self.described($0[0], .text)
        }
        #expect(found == expected, "\(column), \(way)")
      }
    }
    #expect(
      try connection.value(
        "SELECT bool_and(ai_predict_proba('compared', body)::text = ai_predict('compared', body, '{\"scores\":true}')::jsonb::text) FROM texts"
      ) == "t")
    try connection.query("DELETE FROM sibyl.classifiers")
  }

  // MARK: Errors

  @Test func wrongArgumentsAreToldInTheSameWords() throws {
    let calls = [
      "SELECT ai_classify('x', 'billing, shipping')", "SELECT ai_classify('x', '[\"billing\"]')",
      "SELECT ai_classify('x', '[\"billing\",\" \"]')", "SELECT ai_classify('x', '[\"a\",[\"b\"]]')",
      "SELECT ai_classify('x', '[\"a\",\"b\",\"a\"]')", "SELECT ai_classify('x', '{\"a\":\"b\",\"c\":1}')",
      "SELECT ai_classify('x', '[\"a\",\"b\"]', '{\"multilabel\":true}')",
      "SELECT ai_classify('x', '[\"a\",\"b\"]', '{\"min_confidence\":1.5}')",
      "SELECT ai_classify('x', '[\"a\",\"b\"]', '[]')",
      "SELECT ai_classify('x', '[\"a\",\"b\"]', '{\"examples\":[{\"text\":\"x\",\"label\":\"c\"}]}')",
      "SELECT ai_classify('x', '[\"a\",\"b\"]', '{\"model\":\"no model''s name\"}')",
      "SELECT ai_embed('x', 'no such model')", "SELECT ai_count_tokens('x', '../etc/passwd')",
      "SELECT * FROM ai_chunk('x', 0)", "SELECT * FROM ai_chunk('x', 10, 6)",
      "SELECT * FROM ai_chunk('x', 10, -1)",
      "SELECT ai_config('no such setting')", "SELECT ai_config('threads', '7')",
    ]
    let ending = try sqlite.run(calls.map { $0 + ";" }.joined(separator: "\n"))
    let expected = ending.errors.split(separator: "\n").compactMap { line in
      line.firstMatch(of: #/near line \d+: (ai_.*?)(?: \(\d+\))?$/#).map { String($0.output.1) }
    }
    #expect(expected.count == calls.count, "\(ending.errors)")
    for (call, expected) in zip(calls, expected) {
      let error = connection.failure(call)
      #expect(error?.error.message == expected, "\(call)")
      #expect(["22023", "55000"].contains(error?.sqlState), "\(call): \(error?.sqlState ?? "")")
    }
  }
}
