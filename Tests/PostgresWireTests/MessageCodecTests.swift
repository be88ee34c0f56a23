import NIOCore
import PostgresWire
import TestSupport
import Testing

/// Messages and values, out and in again.
struct MessageCodecTests {
  private func frames(_ bytes: [UInt8], pieces: Int, maximum: Int = 1 << 20) -> [FrontendMessage?] {
    var inbound = InboundMessages()
    var messages: [FrontendMessage?] = []
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      inbound.append(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + pieces)]))
      reading: while true {
        switch inbound.next(maximum: maximum) {
        case .message(let type, let body): messages.append(try? FrontendMessage(type: type, body: body))
        case .skipped: messages.append(nil)
        case .incomplete: break reading
        case .broken: return messages
        }
      }
      inbound.compact()
    }
    return messages
  }

  @Test("the client's messages, in pieces of every size", arguments: [1, 2, 3, 7, 100, 10_000])
  func frontend(pieces: Int) {
    let bytes =
      RawClient.query("SELECT 1") + RawClient.parse("SELECT $1", name: "s", types: [25, 0])
      + RawClient.bind(
        [nil, [], [1, 2]], portal: "p", statement: "s", formats: [0, 1, 0], resultFormats: [1])
      + RawClient.describe("S", "s") + RawClient.describe("P", "p") + RawClient.execute("p", rows: 7)
      + RawClient.close("S", "s") + RawClient.sync + RawClient.flush + RawClient.message("X")
    let expected: [FrontendMessage] = [
      .query(ByteBuffer(string: "SELECT 1")),
      .parse(.init(name: "s", query: ByteBuffer(string: "SELECT $1"), types: [.text, .unspecified])),
      .bind(
        .init(
          portal: "p", statement: "s", formats: .each([.text, .binary, .text]),
          values: [nil, ByteBuffer(), ByteBuffer(bytes: [1, 2])], resultFormats: .all(.binary))),
      .describe(.statement, "s"), .describe(.portal, "p"), .execute(portal: "p", maximumRows: 7),
      .close(.statement, "s"), .sync, .flush, .terminate,
    ]
    #expect(frames(bytes, pieces: pieces) == expected)
  }

  @Test("messages beyond their limit are skipped whole", arguments: [1, 1_000, 100_000])
  func skipping(pieces: Int) {
    let long = RawClient.query(String(repeating: "x", count: 20_000))
    let bytes =
      long + RawClient.sync + RawClient.describe("S", String(repeating: "x", count: 11_000)) + RawClient.flush
    #expect(frames(bytes, pieces: pieces, maximum: 20_000) == [nil, .sync, nil, .flush])
    #expect(
      frames(bytes, pieces: pieces, maximum: 20_005).first
        == .query(ByteBuffer(string: String(repeating: "x", count: 20_000))))
  }

  @Test("start-up packets")
  func startupPackets() throws {
    func packet(_ bytes: [UInt8]) throws -> StartupPacket {
      try StartupPacket(body: ByteBuffer(bytes: bytes.dropFirst(4)))
    }
    #expect(try packet(RawClient.sslRequest) == .sslRequest)
    #expect(try packet(RawClient.gssRequest) == .gssEncryptionRequest)
    #expect(try packet(RawClient.cancel(process: 5, secret: -6)) == .cancelRequest(process: 5, secret: -6))
    let settings = [
      ("user", "u"), ("options", "-c a=b\\ c --x-y=1 -cz=2 -e"), ("DateStyle", "ISO"), ("_pq_.x", "1"),
      ("replication", "off"),
    ]
    guard case .startup(let message) = try packet(RawClient.startup(settings)) else {
      Issue.record("no start-up message")
      return
    }
    #expect(message.user == "u")
    #expect(message.database == "u")
    #expect(message.settings.map(\.name) == ["a", "x_y", "z", "datestyle"])
    #expect(message.settings.map(\.value) == ["b c", "1", "2", "ISO"])
    #expect(message.protocolOptions == ["_pq_.x"])
    let good = RawClient.startup([("user", "u")])
    for bad in [
      Array(good.dropLast()), good + [0], RawClient.startup([]), RawClient.startup([("user", "")]),
      Array(RawClient.cancel(process: 1, secret: 1).dropLast()), RawClient.sslRequest + [0], [0, 0, 0, 4],
      Array(RawClient.startup([("user", "u"), ("x", "y")]).dropLast(3)),
    ] {
      #expect(throws: WireError.self) { try packet(bad) }
    }
  }

  @Test("errors keep all their fields, and only proper SQLSTATEs go out")
  func errors() {
    var writer = MessageWriter()
    writer.writeError(
      WireError(.syntaxError, "mess\u{0}age", detail: "detail", hint: "hint", position: 7, severity: .fatal))
    writer.writeNotice(WireError(SQLState(rawValue: "no"), "n", severity: .warning))
    let bytes = Array(writer.buffer.readableBytesView)
    let length = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
    let first = RawClient.Message(type: "E", body: Array(bytes[5..<length + 1]))
    #expect(
      first.fields == [
        "S": "FATAL", "V": "FATAL", "C": "42601", "M": "message", "D": "detail", "H": "hint", "P": "7",
      ])
    #expect(bytes[length + 1] == UInt8(ascii: "N"))
    let second = RawClient.Message(type: "N", body: Array(bytes[(length + 6)...]))
    #expect(second.fields == ["S": "WARNING", "V": "WARNING", "C": "XX000", "M": "n"])
  }

  // MARK: Values

  /// Writes a cell, reads it as a parameter of the same type, and returns its text.
  private func roundTrip(_ cell: WireCell, _ type: WireType, _ format: FormatCode) throws -> String? {
    var encoder = CellEncoder()
    var buffer = ByteBuffer()
    try encoder.write(cell, type: type, format: format, into: &buffer)
    guard let length = buffer.readInteger(as: Int32.self), length >= 0 else { return nil }
    #expect(buffer.readableBytes == Int(length))
    let argument = try ParameterDecoder.decode(
      buffer, format: format, type: type, typeName: type.name, maximumElements: 10_000)
    return argument.value.text
  }

  @Test("values of all types in both formats", arguments: [FormatCode.text, .binary])
  func values(format: FormatCode) throws {
    let cases: [(WireCell, WireType, String?)] = [
      (.null, .text, nil), (.boolean(true), .boolean, "t"), (.text("false"), .boolean, "f"),
      (.integer(-7), .smallint, "-7"), (.text(" 7 "), .integer, "7"),
      (.integer(.min), .bigint, "\(Int64.min)"),
      (.integer(3), .real, "3"), (.real(1e-10), .real, "1e-10"), (.real(0.1), .real, "0.1"),
      (.double(0.1), .doublePrecision, "0.1"),
      (.double(-.infinity), .doublePrecision, "-Infinity"), (.double(.nan), .doublePrecision, "NaN"),
      (.text("x"), .text, "x"), (.text(""), .characterVarying, ""), (.integer(5), .text, "5"),
      (.boolean(true), .text, "true"), (.text("[]"), .json, "[]"), (.text("{}"), .jsonb, "{}"),
      (.texts(["a,b", nil, "NULL"]), .textArray, #"{"a,b",NULL,"NULL"}"#), (.texts([]), .textArray, "{}"),
      (.text("{{a},{b}}"), .textArray, "{{a},{b}}"), (.reals([]), .realArray, "{}"),
      (.reals([1, .nan, -2.5e20]), .realArray, "{1,NaN,-2.5e+20}"),
      (.reals([1, 2]), .doublePrecisionArray, "{1,2}"),
      (.text("{1,NULL}"), .bigintArray, "{1,NULL}"), (.text("{t,f}"), .booleanArray, "{t,f}"),
      (.text("{\"[1]\"}"), .jsonbArray, "{[1]}"), (.real(.infinity), .real, "Infinity"),
    ]
    for (cell, type, expected) in cases {
      let text = try roundTrip(cell, type, format)
      // A number that is sent as text is read as it stands.
      let trimmed = text.map { String($0.trimmingPrefix(" ")) }?.split(separator: " ").first.map(String.init)
      #expect((expected == "" ? text : trimmed ?? text) == expected, "\(cell) as \(type.name ?? "")")
    }
  }

  @Test("values that don't fit their column in binary are errors, and leave no trace")
  func unfit() {
    for (cell, type) in [
      (.integer(70_000), .smallint), (.text("x"), .integer), (.double(1.5), .bigint),
      (.text("{"), .textArray),
      (.reals([1.5]), .integerArray), (.text("1"), .numeric), (.text("x"), WireType(rawValue: 2950)),
      (.text("maybe"), .boolean),
    ] as [(WireCell, WireType)] {
      var encoder = CellEncoder()
      var buffer = ByteBuffer()
      #expect(throws: WireError.self) { try encoder.write(cell, type: type, format: .binary, into: &buffer) }
    }
  }

  @Test("numbers read back as themselves, and look as PostgreSQL's do")
  func numbers() throws {
    let texts: [(Float, String)] = [
      (0, "0"), (-0.0, "-0"), (1, "1"), (100_000, "100000"), (1_000_000, "1e+06"), (123_456.7, "123456.7"),
      (1_234_567, "1.234567e+06"), (0.0001, "0.0001"), (0.00001, "1e-05"), (16_777_216, "1.6777216e+07"),
      (.greatestFiniteMagnitude, "3.4028235e+38"), (.leastNonzeroMagnitude, "1e-45"), (-0.5, "-0.5"),
    ]
    for (value, text) in texts { #expect(try roundTrip(.real(value), .text, .text) == text) }
    let doubles: [(Double, String)] = [
      (1e14, "100000000000000"), (1e15, "1e+15"), (123_456_789_012_345.6, "123456789012345.6"),
      (Double.leastNonzeroMagnitude, "5e-324"),
      (1.7976931348623157e308, "1.7976931348623157e+308"), (0.1 + 0.2, "0.30000000000000004"),
      (1e100, "1e+100"),
    ]
    for (value, text) in doubles { #expect(try roundTrip(.double(value), .text, .text) == text) }
    var random = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      let single = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random))
      let double = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
      guard single.isFinite, double.isFinite else { continue }
      #expect(try roundTrip(.real(single), .text, .text).flatMap(Float.init) == single)
      #expect(try roundTrip(.double(double), .text, .text).flatMap(Double.init) == double)
      #expect(try roundTrip(.real(single), .real, .binary) == roundTrip(.real(single), .real, .text))
    }
  }
}
