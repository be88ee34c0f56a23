import PostgresWire
import Testing

/// The statement grammar: what it takes, what it makes of it, and what it refuses.
struct StatementParserTests {
  /// The calls of a query string in words.
  private func calls(_ text: String) throws -> [String] {
    try StatementParser.parse(text).map { statement in
      switch statement {
      case .call(let call): TestService.shown(call.call)
      case .literal(let call): "literal " + TestService.shown(call.call)
      default: "\(statement)"
      }
    }
  }

  @Test(
    "calls",
    arguments: [
      ("SELECT ai_sentiment('x')", "scalar ai_sentiment(?:'x')"),
      ("select AI_Sentiment ( 'x' ) ;", "scalar ai_sentiment(?:'x')"),
      (#"SELECT public."Odd name"('x')"#, "scalar Odd name(?:'x')"),
      (#"SELECT "pub""lic".f()"#, "scalar f()"),
      ("SELECT * FROM ai_chunk('a text', 254)", "table ai_chunk(?:'a text', ?:254)"),
      ("SELECT * FROM f() AS t", "table f() as t"),
      (#"SELECT f() "My Alias""#, "scalar f() as My Alias"),
      ("SELECT f() x", "scalar f() as x"),
      ("SELECT f(TRUE, false, Null)", "scalar f(boolean:true, boolean:false, ?:null)"),
      (
        "SELECT f(1, -2, + 3, 1.5, .5, 5., 1e3, 2.5E-7)",
        "scalar f(?:1, ?:-2, ?:3, ?:1.5, ?:.5, ?:5., ?:1e3, ?:2.5E-7)"
      ),
      ("SELECT f('it''s', '')", "scalar f(?:'it's', ?:'')"),
      (#"SELECT f('back\slash')"#, #"scalar f(?:'back\slash')"#),
      (#"SELECT f(E'a\n\t\\\'\x41\101\u00e9\U0001F600\uD83D\uDE00''')"#, "scalar f(?:'a\n\t\\'AAé😀😀'')"),
      (
        "SELECT f($$a 'quoted' $1 text$$, $tag$with $$ inside$tag$)",
        "scalar f(?:'a 'quoted' $1 text', ?:'with $$ inside')"
      ),
      ("SELECT f(ARRAY['a', NULL, 'b'])", "scalar f(text[]:['a',null,'b'])"),
      ("SELECT f(ARRAY[1, 2.5])", "scalar f(numeric[]:[1,2.5])"),
      ("SELECT f(ARRAY[1, 5000000000])", "scalar f(bigint[]:[1,5000000000])"),
      ("SELECT f(ARRAY[]::text[])", "scalar f(text[]:[])"),
      ("SELECT f(array[[1,2],[3,4]]::real[])", "scalar f(real[]:[[1,2],[3,4]])"),
      ("SELECT f(ARRAY[ARRAY['a'], ARRAY['b']])", "scalar f(text[]:[['a'],['b']])"),
      ("SELECT f(ARRAY['1', 2])", "scalar f(integer[]:[1,2])"),
      (
        #"SELECT f('{a,NULL,"b c","",nULL,"NULL",d\,e}'::text[])"#,
        "scalar f(text[]:['a',null,'b c','',null,'NULL','d,e'])"
      ),
      ("SELECT f('{ {1.5, 2} , {NaN,-Infinity} }'::float4[])", "scalar f(real[]:[[1.5,2],[NaN,-Infinity]])"),
      ("SELECT f('{}'::real[], '{}'::text[])", "scalar f(real[]:[], text[]:[])"),
      (#"SELECT f('["a"]'::jsonb, '[1,2]'::vector)"#, #"scalar f(jsonb:'["a"]', vector:'[1,2]')"#),
      (
        "SELECT f(' 5 '::bigint, '1.5'::double precision, 7::text, 't'::bool)",
        "scalar f(bigint:5, double precision:1.5, text:'7', boolean:true)"
      ),
      (
        "SELECT f('x'::pg_catalog.text, 'y'::character varying, 'z'::varchar)",
        "scalar f(text:'x', character varying:'y', character varying:'z')"
      ),
      ("SELECT f('{1}'::int4[]::real[])", "scalar f(real[]:[1])"),
      ("SELECT f(NULL::text)", "scalar f(text:null)"),
      ("/* a /* nested */ comment */ SELECT -- to the end\n f(/**/'x'--,'y'\n)", "scalar f(?:'x')"),
      ("SELECT 1", "literal scalar ?column?(?:1)"),
      ("SELECT 'x'::text AS y", "literal scalar ?column?(text:'x') as y"),
      ("SELECT E'x'", "literal scalar ?column?(?:'x')"),
      ("SELECT e('x')", "scalar e(?:'x')"),
      ("SELECT grüße('x')", "scalar grüße(?:'x')"),
    ])
  func call(text: String, meaning: String) throws {
    #expect(try calls(text) == [meaning])
  }

  @Test("several statements, empty ones left out")
  func several() throws {
    #expect(try calls(";;SELECT f('a;b'); ; SELECT g()") == ["scalar f(?:'a;b')", "scalar g()"])
    #expect(try calls("") == [])
    #expect(try calls(" -- nothing\n;") == [])
  }

  @Test("parameters keep their places and casts")
  func parameters() throws {
    let statements = try StatementParser.parse("SELECT f($2::text[], 'x', $1, $1::int8)")
    guard case .call(let call) = statements.first else {
      Issue.record("no call")
      return
    }
    #expect(call.call.arguments.count == 4)
    #expect(
      call.parameters == [
        StatementParameter(argument: 0, index: 1, castName: "text[]"),
        StatementParameter(argument: 2, index: 0, castName: nil),
        StatementParameter(argument: 3, index: 0, castName: "bigint"),
      ])
  }

  @Test("the statements of ordinary drivers")
  func utilities() throws {
    let accepted: [(String, Statement)] = [
      ("SET search_path = a, 'b'", .set(name: "search_path", value: "a, b")),
      ("SET SESSION DateStyle TO ISO", .set(name: "datestyle", value: "iso")),
      ("SET LOCAL x.y = -1.5", .set(name: "x.y", value: "-1.5")),
      ("SET extra_float_digits = 3", .set(name: "extra_float_digits", value: "3")),
      ("SET TIME ZONE 'UTC'", .set(name: "timezone", value: "UTC")),
      ("SET NAMES 'utf8'", .set(name: "client_encoding", value: "utf8")),
      ("SET x TO DEFAULT", .set(name: "x", value: nil)),
      ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", .nothing(tag: "SET")),
      ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", .nothing(tag: "SET")),
      ("RESET ALL", .reset(name: nil)), ("RESET x", .reset(name: "x")),
      ("SHOW ALL", .show(name: nil)), ("SHOW server_version", .show(name: "server_version")),
      ("SHOW TRANSACTION ISOLATION LEVEL", .show(name: "transaction_isolation")),
      ("BEGIN", .begin), ("BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY", .begin),
      ("start transaction read write", .begin), ("COMMIT WORK", .commit), ("END", .commit),
      ("ROLLBACK AND NO CHAIN", .rollback), ("ABORT", .rollback),
      ("DISCARD ALL", .discard(tag: "DISCARD ALL")), ("DEALLOCATE PREPARE p1", .deallocate(name: "p1")),
      ("DEALLOCATE ALL", .deallocate(name: nil)), (#"DEALLOCATE "all""#, .deallocate(name: "all")),
      ("CLOSE ALL", .nothing(tag: "CLOSE CURSOR ALL")), ("UNLISTEN *", .nothing(tag: "UNLISTEN")),
    ]
    for (text, statement) in accepted { #expect(try StatementParser.parse(text) == [statement], "\(text)") }
  }

  @Test(
    "what is refused, where and how",
    arguments: [
      ("SELECT", "42601", 7), ("SELEKT f()", "42601", 1), ("SELECT f('x'", "42601", 13),
      ("SELECT f('x)", "42601", 10), ("SELECT f(x)", "42601", 10), ("SELECT f('a' || 'b')", "42601", 14),
      ("SELECT f('x'), g()", "42601", 14), ("SELECT f('x') FROM t", "42601", 15),
      ("SELECT * FROM t", "42601", 16), ("SELECT f(g('x'))", "42601", 10),
      ("SELECT f(SELECT 1)", "42601", 10), ("SELECT f(1 + 1)", "42601", 12),
      ("INSERT INTO t VALUES (1)", "42601", 1), ("DROP TABLE t", "42601", 1),
      ("WITH x AS (SELECT 1) SELECT f()", "42601", 1), ("SELECT case('x')", "42601", 8),
      ("COPY t FROM STDIN", "0A000", 1), ("SELECT f(ARRAY['a', $1])", "42601", 21),
      ("SELECT f(ARRAY[1,[2]])", "2202E", 15), ("SELECT f(ARRAY[[1],[2,3]])", "2202E", 15),
      ("SELECT f(ARRAY[[[1]]])", "54000", 17), ("SELECT f('{{{1}}}'::text[])", "54000", 10),
      ("SELECT f('{1,x}'::int[])", "22P02", 10), ("SELECT f('3000000000'::int)", "22003", 10),
      ("SELECT f('{a,}'::text[])", "22P02", 10), ("SELECT f('{a'::text[])", "22P02", 10),
      ("SELECT f('{a}b'::text[])", "22P02", 10), (#"SELECT f('{a"b"}'::text[])"#, "22P02", 10),
      ("SELECT f('[1:2]={a,b}'::text[])", "0A000", 10), ("SELECT f('x'::varchar(3))", "0A000", 22),
      ("SELECT f(true::int)", "42846", 10), ("SELECT f(1::boolean)", "42846", 10),
      ("SELECT f($0)", "42P02", 10), ("SELECT f($70000)", "42P02", 10), ("SELECT f(1x)", "42601", 10),
      ("SELECT f(1.2.3)", "42601", 10), ("/* SELECT f()", "42601", 1), ("SELECT f($a$x$b$)", "42601", 10),
      (#"SELECT f(E'\uD800x')"#, "42601", 14), (#"SELECT f(E'\xff')"#, "22021", 11),
      (#"SELECT f(E'\000')"#, "22021", 11), (#"SELECT ""()"#, "42601", 8), ("SELECT f() AS", "42601", 14),
      ("SELECT jsonb '[]'", "42601", 14), ("SELECT U&'x'", "42601", 9), ("SELECT f(a => 'x')", "42601", 10),
      ("SET x", "42601", 6), ("BEGIN SELECT", "42601", 7), ("SELECT f(,)", "42601", 10),
      ("SELECT f('x',)", "42601", 14), ("'grüße' SELECT", "42601", 1), ("SELECT f('grüße' x)", "42601", 18),
    ])
  func refusal(text: String, state: String, position: Int) {
    do {
      let statements = try StatementParser.parse(text)
      Issue.record("\(text) was taken for \(statements)")
    } catch {
      #expect(error.sqlState.rawValue == state, "\(text): \(error)")
      #expect(error.position == position, "\(text): \(error)")
      #expect(error.message.utf8.count < 500)
    }
  }

  @Test("what a value holds never ends its literal")
  func injection() throws {
    let attempts = [
      "'; DROP TABLE users; --", "' OR '1'='1", "$$; SELECT 2; $$", "\\'; SELECT 2; --", "x')--",
      "*/ SELECT 2",
      "/* ", "--", "$1", "\"", "''", "\\", "{\"a\",NULL}", "E'\\''", "\u{0}".isEmpty ? "" : "tab\tnew\nline",
    ]
    for text in attempts {
      let quoted =
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
      let statements = try StatementParser.parse("SELECT f(\(quoted), 'end')")
      guard case .call(let call) = statements.first, statements.count == 1 else {
        Issue.record("\(text) made \(statements)")
        continue
      }
      #expect(call.call.arguments.map(\.value) == [.text(text), .text("end")])
      let array = ArrayTextSource.quoted(text)
      let element =
        "'" + array.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
      let arrays = try StatementParser.parse("SELECT f(\(element)::text[])")
      guard case .call(let arrayCall) = arrays.first else { continue }
      #expect(arrayCall.call.arguments.map(\.value) == [.array([.text(text)])])
    }
  }

  @Test("limits")
  func limits() throws {
    func state(_ text: String) -> String? {
      do {
        _ = try StatementParser.parse(text)
        return nil
      } catch {
        return error.sqlState.rawValue
      }
    }
    func list(_ count: Int) -> String { (0..<count).map { _ in "1" }.joined(separator: ",") }
    #expect(state("SELECT f(\(list(100)))") == nil)
    #expect(state("SELECT f(\(list(101)))") == "54000")
    #expect(state(String(repeating: "SELECT 1;", count: 1_000)) == nil)
    #expect(state(String(repeating: "SELECT 1;", count: 1_001)) == "54000")
    #expect(state("SELECT \(String(repeating: "n", count: 64))()") == "42622")
    #expect(state("SELECT f(\(String(repeating: "/*", count: 100_000))") == "42601")
    #expect(state(String(repeating: "/*", count: 50_000) + String(repeating: "*/", count: 50_000)) == nil)
    #expect(state("SELECT f(" + String(repeating: "ARRAY[", count: 100_000)) == "54000")
    #expect(state("SELECT f(" + String(repeating: "[", count: 100_000)) == "42601")
    #expect(state("SELECT f('x'" + String(repeating: "::text", count: 10_000) + ")") == nil)

    var limits = StatementLimits()
    limits.arrayElements = 10
    #expect(throws: WireError.self) {
      try StatementParser.parse("SELECT f(ARRAY[\(list(11))])", limits: limits)
    }
    #expect(throws: WireError.self) {
      try StatementParser.parse("SELECT f('{\(list(11))}'::int[])", limits: limits)
    }
    #expect(throws: WireError.self) {
      try StatementParser.parse("SELECT f('{\(list(6))}'::int[], '{\(list(6))}'::int[])", limits: limits)
    }
    #expect(try StatementParser.parse("SELECT f(ARRAY[\(list(10))])", limits: limits).count == 1)
  }

  @Test("bytes that are not UTF-8 are refused wherever they matter")
  func encoding() {
    let prefix = Array("SELECT f(".utf8)
    for literal in [
      [0x27, 0xFF, 0x27], [0x22, 0xC3, 0x22], [0x24, 0x24, 0xED, 0xA0, 0x80, 0x24, 0x24], [0xFF],
    ] as [[UInt8]] {
      let bytes = prefix + literal + [0x29]
      #expect(throws: WireError.self) { try bytes.withUnsafeBufferPointer { try StatementParser.parse($0) } }
    }
  }
}

/// Array literals, quoted as `quote` in PostgreSQL's own output is.
enum ArrayTextSource {
  static func quoted(_ text: String) -> String {
    var quoted = "{\""
    for character in text.unicodeScalars {
      if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\"}"
  }
}
