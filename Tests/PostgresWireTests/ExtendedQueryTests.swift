import PostgresWire
import Testing

/// Parse, Bind, Describe, Execute, Close, Sync and Flush, message by message.
@Suite(.serialized)
struct ExtendedQueryTests {
  private func types(_ messages: [RawClient.Message]) -> String { String(messages.map(\.type)) }

  @Test("a statement is prepared once and run with several values")
  func prepared() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let prepared = try client.exchange(
      RawClient.parse("SELECT add($1, $2) AS sum", name: "s"), RawClient.describe("S", "s"), RawClient.sync)
    #expect(types(prepared) == "1tTZ")
    // The service takes two bigints (type 20) and returns one.
    #expect(prepared[1].body == [0, 2, 0, 0, 0, 20, 0, 0, 0, 20])
    #expect(prepared[2].columns.map(\.name) == ["sum"])
    #expect(prepared[2].columns.map(\.type) == [20])
    for number in 1...3 {
      let answer = try client.exchange(
        RawClient.bind([Array("40".utf8), Array("\(number)".utf8)], statement: "s"), RawClient.describe("P"),
        RawClient.execute(), RawClient.sync)
      #expect(types(answer) == "2TDCZ")
      #expect(answer[2].values == ["\(40 + number)"])
      #expect(answer[3].strings.first == "SELECT 1")
    }
    #expect(types(try client.exchange(RawClient.close("S", "s"), RawClient.sync)) == "3Z")
    let gone = try client.exchange(RawClient.bind([], statement: "s"), RawClient.sync)
    #expect(gone[0].fields["C"] == "26000")
    #expect(types(try client.exchange(RawClient.close("S", "never"), RawClient.sync)) == "3Z")
  }

  @Test("parameters in binary")
  func binaryParameters() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    func array(_ type: UInt32, _ lengths: [Int32], _ elements: [[UInt8]?]) -> [UInt8] {
      RawClient.bytes(of: Int32(lengths.count)) + RawClient.bytes(of: Int32(elements.contains(nil) ? 1 : 0))
        + RawClient.bytes(of: type)
        + lengths.flatMap { RawClient.bytes(of: $0) + RawClient.bytes(of: Int32(1)) }
        + elements.flatMap {
          $0.map { RawClient.bytes(of: Int32($0.count)) + $0 } ?? RawClient.bytes(of: Int32(-1))
        }
    }
    func float(_ value: Float) -> [UInt8] { RawClient.bytes(of: value.bitPattern) }
    let cases: [(type: UInt32, bytes: [UInt8]?, meaning: String)] = [
      (16, [1], "boolean:true"), (21, RawClient.bytes(of: Int16(-5)), "smallint:-5"),
      (23, RawClient.bytes(of: Int32(7)), "integer:7"),
      (20, RawClient.bytes(of: Int64.min), "bigint:\(Int64.min)"),
      (700, float(0.1), "real:0.1"), (700, float(.infinity), "real:Infinity"),
      (701, RawClient.bytes(of: (1e-7).bitPattern), "double precision:1e-07"),
      (25, Array("grüße".utf8), "text:'grüße'"), (1043, Array("v".utf8), "character varying:'v'"),
      (705, Array("u".utf8), "unknown:'u'"), (114, Array("[1]".utf8), "json:'[1]'"),
      (3802, [1] + Array(#"{"a": 1}"#.utf8), #"jsonb:'{"a": 1}'"#),
      (1009, array(25, [2], [Array("a".utf8), nil]), "text[]:['a',null]"),
      (1009, array(25, [], []), "text[]:[]"),
      (1021, array(700, [2], [float(1), float(-0.5)]), "real[]:[1,-0.5]"),
      (1021, array(700, [2, 1], [float(1), float(2)]), "real[]:[[1],[2]]"), (25, nil, "text:null"),
    ]
    for (type, bytes, meaning) in cases {
      let answer = try client.exchange(
        RawClient.parse("SELECT show_call($1)", types: [type]), RawClient.bind([bytes], formats: [1]),
        RawClient.execute(), RawClient.sync)
      #expect(types(answer) == "12DCZ", "\(meaning): \(answer.compactMap(\.errorText))")
      #expect(answer.first { $0.type == "D" }?.values == ["scalar show_call(\(meaning))"])
    }
    let wrong: [(type: UInt32, bytes: [UInt8])] = [
      (16, []), (23, [1]), (23, [0, 0, 0, 1, 2]), (3802, [2, 0x7B]), (25, [0xFF]), (25, [0x61, 0]),
      (1009, []), (1009, array(23, [1], [[0, 0, 0, 1]])), (1009, array(25, [2], [nil])),
      (1021, array(700, [Int32.max, Int32.max], [])), (1021, array(700, [-1], [])),
      (1021, array(700, [1], [[0]])), (1009, array(25, [1, 1, 1], [nil])), (1700, [0, 0]),
      (2950, [UInt8](repeating: 0, count: 16)),
      (1009, array(25, [0, Int32.max], [])),
    ]
    for (type, bytes) in wrong {
      let answer = try client.exchange(
        RawClient.parse("SELECT show_call($1)", types: [type]), RawClient.bind([bytes], formats: [1]),
        RawClient.execute(), RawClient.sync)
      #expect(types(answer) == "1EZ", "\(type) \(bytes)")
    }
    #expect(try client.value("SELECT echo('still here')") == "still here")
  }

  @Test("parameters as text take the type of the client, the cast or the service")
  func textParameters() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let cases: [(query: String, types: [UInt32], value: String, meaning: String)] = [
      ("SELECT show_call($1)", [], "x", "text:'x'"), ("SELECT show_call($1)", [0], "x", "text:'x'"),
      ("SELECT show_call($1::text[])", [], "{a,NULL}", "text[]:['a',null]"),
      ("SELECT show_call($1::text[])", [25], "{a}", "text[]:['a']"),
      ("SELECT show_call($1::jsonb)", [], "[]", "jsonb:'[]'"),
      ("SELECT show_call($1)", [1021], "{1,2.5}", "real[]:[1,2.5]"),
      ("SELECT show_call($1)", [16], "on", "boolean:true"),
      ("SELECT show_call($1::vector)", [], "[1,2]", "vector:'[1,2]'"),
      ("SELECT show_call($1)", [2950], "any", "?:'any'"),
      ("SELECT embed($1)", [], "{0.5,1e-7}", "embed"),
    ]
    for (query, types, value, meaning) in cases {
      let answer = try client.exchange(
        RawClient.parse(query, types: types), RawClient.bind([Array(value.utf8)]), RawClient.execute(),
        RawClient.sync)
      let expected = meaning == "embed" ? "{0.5,1e-7}" : "scalar show_call(\(meaning))"
      #expect(
        answer.first { $0.type == "D" }?.values == [expected], "\(query): \(answer.compactMap(\.errorText))")
    }
    let wrong = try client.exchange(
      RawClient.parse("SELECT show_call($1)", types: [23]), RawClient.bind([Array("x".utf8)]), RawClient.sync)
    #expect(wrong[1].fields["C"] == "22P02")
    let gap = try client.exchange(RawClient.parse("SELECT show_call($2)"), RawClient.sync)
    #expect(gap[0].fields["C"] == "42P18")
  }

  @Test("results as text and in binary")
  func results() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let text = try client.exchange(RawClient.query("SELECT * FROM typed()"))
    #expect(text[0].columns.map(\.type) == [16, 21, 23, 20, 700, 701, 25, 3802, 1009, 1021, 25])
    #expect(
      text[1].values == [
        "t", "-2", "70000", "1099511627776", "0.1", "1e+100", "grüße", #"{"a": 1}"#,
        #"{a,NULL,"b \"c\"",""}"#,
        "{0.5,-1e-07}", nil,
      ])
    let binary = try client.exchange(
      RawClient.parse("SELECT * FROM typed()"), RawClient.bind([], resultFormats: [1]),
      RawClient.describe("P"),
      RawClient.execute(), RawClient.sync)
    #expect(types(binary) == "12TDCZ")
    #expect(binary[2].columns.map(\.format) == [UInt8](repeating: 1, count: 11))
    let values = binary[3].rawValues
    let expected: [[UInt8]?] = [
      [1], RawClient.bytes(of: Int16(-2)), RawClient.bytes(of: Int32(70_000)),
      RawClient.bytes(of: Int64(1) << 40), RawClient.bytes(of: Float(0.1).bitPattern),
      RawClient.bytes(of: 1e100.bitPattern), Array("grüße".utf8), [1] + Array(#"{"a": 1}"#.utf8),
    ]
    #expect(Array(values[0..<8]) == expected)
    #expect(values[10] == nil)
    // text[]: one dimension, with nulls, type 25, 4 elements from index 1.
    #expect(
      values[8]
        == RawClient.bytes(of: Int32(1)) + RawClient.bytes(of: Int32(1)) + RawClient.bytes(of: Int32(25))
        + RawClient.bytes(of: Int32(4)) + RawClient.bytes(of: Int32(1))
        + RawClient.bytes(of: Int32(1)) + Array("a".utf8) + RawClient.bytes(of: Int32(-1))
        + RawClient.bytes(of: Int32(5)) + Array("b \"c\"".utf8) + RawClient.bytes(of: Int32(0)))
    #expect(
      values[9]
        == RawClient.bytes(of: Int32(1)) + RawClient.bytes(of: Int32(0)) + RawClient.bytes(of: Int32(700))
        + RawClient.bytes(of: Int32(2)) + RawClient.bytes(of: Int32(1))
        + RawClient.bytes(of: Int32(4)) + RawClient.bytes(of: Float(0.5).bitPattern)
        + RawClient.bytes(of: Int32(4)) + RawClient.bytes(of: Float(-1e-7).bitPattern))
    // A two-dimensional array in text becomes one in binary.
    let nested = try client.exchange(
      RawClient.parse("SELECT embed('{{1,2},{3,4}}'::real[])"), RawClient.bind([], resultFormats: [1]),
      RawClient.execute(), RawClient.sync)
    #expect(
      nested[2].rawValues[0]?.prefix(12)
        == (RawClient.bytes(of: Int32(2)) + [0, 0, 0, 0] + RawClient.bytes(of: Int32(700)))[...])
    #expect(nested[2].rawValues[0]?.count == 12 + 16 + 4 * 8)
    // Formats one by one, and too many of them.
    let mixed = try client.exchange(
      RawClient.parse("SELECT * FROM series(1)"), RawClient.bind([], resultFormats: [1, 0]),
      RawClient.execute(),
      RawClient.sync)
    #expect(mixed[2].rawValues == [[0, 0, 0, 0], Array("row 0".utf8)])
    let many = try client.exchange(
      RawClient.parse("SELECT * FROM series(1)"), RawClient.bind([], resultFormats: [1, 0, 1]), RawClient.sync
    )
    #expect(many[1].fields["C"] == "08P01")
    let unfit = try client.exchange(
      RawClient.parse("SELECT bad_cell()"), RawClient.bind([], resultFormats: [1]), RawClient.execute(),
      RawClient.sync)
    #expect(types(unfit) == "12EZ")
  }

  @Test("a row limit suspends the portal")
  func suspension() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let answer = try client.exchange(
      RawClient.query("BEGIN"), RawClient.parse("SELECT * FROM series(5)"), RawClient.bind([], portal: "p"),
      RawClient.execute("p", rows: 2), RawClient.execute("p", rows: 2), RawClient.execute("p", rows: 2),
      RawClient.execute("p", rows: 2), RawClient.sync)
    #expect(types(answer) == "CZ")
    let rows = try client.messages()
    #expect(types(rows) == "12DDsDDsDCCZ")
    #expect(rows[8].values == ["4", "row 4"])
    #expect(rows[9].strings.first == "SELECT 1")
    #expect(rows[10].strings.first == "SELECT 0")
    // Outside of a transaction block the portal ends with the Sync.
    _ = try client.exchange(RawClient.query("COMMIT"))
    let once = try client.exchange(
      RawClient.parse("SELECT * FROM series(5)"), RawClient.bind([], portal: "p"),
      RawClient.execute("p", rows: 5), RawClient.sync)
    #expect(types(once) == "12DDDDDsZ")
    let gone = try client.exchange(RawClient.execute("p"), RawClient.sync)
    #expect(gone[0].fields["C"] == "34000")
    #expect(server.service.events.withLock { $0.calls.count } == 2)
  }

  @Test("after an error everything is passed over up to Sync")
  func errorState() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let answer = try client.exchange(
      RawClient.parse("SELECT missing()"), RawClient.bind([]), RawClient.execute(),
      RawClient.query("SELECT 1"),
      RawClient.parse("SELECT 1"), RawClient.sync)
    #expect(types(answer) == "EZ")
    #expect(answer[0].fields["C"] == "42883")
    let wrongs: [[UInt8]] = [
      RawClient.bind([], statement: "none"), RawClient.execute("none"), RawClient.describe("S", "none"),
      RawClient.describe("P", "none"), RawClient.describe("X", ""), RawClient.message("P", [0]),
      RawClient.message("B", [0, 0, 0, 1, 0]), RawClient.message("E", [0, 0]), RawClient.message("S", [1]),
      RawClient.parse("SELECT 1; SELECT 2"), RawClient.bind([nil]),
      RawClient.message("P", [0, 0xFF, 0, 0, 0]),
      RawClient.message("B", [0, 0, 0xFF, 0xFF]), RawClient.message("B", [0, 0, 0, 1, 0, 9, 0, 0, 0, 0]),
    ]
    for wrong in wrongs {
      let answer = try client.exchange(wrong, RawClient.sync)
      #expect(types(answer) == "EZ", "\(wrong)")
    }
    #expect(try client.value("SELECT echo('on')") == "on")
  }

  @Test("empty queries, utilities and transaction blocks")
  func utilities() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let empty = try client.exchange(
      RawClient.parse(" ; "), RawClient.bind([]), RawClient.describe("P"), RawClient.execute(), RawClient.sync
    )
    #expect(types(empty) == "12nIZ")
    let begin = try client.exchange(
      RawClient.parse("BEGIN"), RawClient.bind([]), RawClient.describe("P"), RawClient.execute(),
      RawClient.sync)
    #expect(types(begin) == "12nCZ")
    #expect(begin[4].body == Array("T".utf8))
    let failed = try client.exchange(
      RawClient.parse("SELECT divide(1)"), RawClient.bind([]), RawClient.execute(), RawClient.sync)
    #expect(failed.last?.body == Array("E".utf8))
    let refused = try client.exchange(RawClient.parse("SELECT 1"), RawClient.sync)
    #expect(refused[0].fields["C"] == "25P02")
    let rollback = try client.exchange(
      RawClient.parse("ROLLBACK"), RawClient.bind([]), RawClient.execute(), RawClient.sync)
    #expect(types(rollback) == "12CZ")
    #expect(rollback.last?.body == Array("I".utf8))
    let show = try client.exchange(
      RawClient.parse("SHOW server_version"), RawClient.describe("S"), RawClient.bind([]),
      RawClient.execute(),
      RawClient.sync)
    #expect(types(show) == "1tT2DCZ")
    #expect(show[4].values == ["15.0"])
    let literal = try client.exchange(
      RawClient.parse("SELECT $1"), RawClient.describe("S"), RawClient.bind([Array("x".utf8)]),
      RawClient.execute(), RawClient.sync)
    #expect(types(literal) == "1tT2DCZ")
    #expect(literal[4].values == ["x"])
  }

  @Test("Flush sends what there is without a Sync; answers of slow calls keep their order")
  func flush() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    client.send(
      RawClient.parse("SELECT later($1)", name: "s") + RawClient.bind([Array("a".utf8)], statement: "s")
        + RawClient.execute() + RawClient.bind([Array("b".utf8)], statement: "s") + RawClient.execute()
        + RawClient.flush)
    #expect(types(try client.messages(until: "C")) == "12DC")
    let second = try client.messages(until: "C")
    #expect(second[1].values == ["b"])
    // An error does not wait for a Sync, or for a Flush, which is passed over.
    client.send(RawClient.parse("SELECT missing()"))
    #expect(try client.message()?.fields["C"] == "42883")
    #expect(types(try client.exchange(RawClient.sync)) == "Z")
  }

  @Test("statements and portals are bounded in number and size")
  func bounds() throws {
    let server = try TestServer { $0.maximumMessageBytes = 100_000 }
    defer { server.server.stop() }
    let client = try server.login()
    for number in 0..<1_000 {
      client.send(RawClient.parse("SELECT 1", name: "s\(number)"))
    }
    client.send(RawClient.sync)
    let many = try client.messages()
    #expect(many.contains { $0.fields["C"] == "53400" })
    _ = try client.exchange(RawClient.query("DEALLOCATE ALL"))
    let twice = try client.exchange(
      RawClient.parse("SELECT 1", name: "s"), RawClient.parse("SELECT 1", name: "s"), RawClient.sync)
    #expect(twice[1].fields["C"] == "42P05")
    let text = String(repeating: "x", count: 90_000)
    let large = try client.exchange(
      RawClient.parse("SELECT echo('\(text)')", name: "a"),
      RawClient.parse("SELECT echo('\(text)')", name: "b"),
      RawClient.sync)
    #expect(large.contains { $0.fields["C"] == "53400" })
    let tooLong = try client.exchange(RawClient.query("SELECT echo('\(text)\(text)')"))
    #expect(tooLong[0].fields["C"] == "54000")
    #expect(try client.value("SELECT echo('on')") == "on")
  }
}
