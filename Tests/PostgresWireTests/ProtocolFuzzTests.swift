import Foundation
import PostgresWire
import TestSupport
import Testing

/// Broken, cut and random streams of bytes, thrown at the socket: the server goes on serving others.
@Suite(.serialized)
struct ProtocolFuzzTests {
  /// A handful of good messages to break.
  private static let good: [[UInt8]] = [
    RawClient.query("SELECT echo('x'); SELECT * FROM series(3)"),
    RawClient.parse("SELECT echo($1)", name: "s"),
    RawClient.parse("SELECT label($1::text[])", types: [1009]),
    RawClient.bind([Array("x".utf8)], statement: "s", formats: [0], resultFormats: [1]),
    RawClient.bind(
      [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 65]], formats: [1]),
    RawClient.describe("S", "s"), RawClient.describe("P"), RawClient.execute(rows: 2),
    RawClient.close("S", "s"),
    RawClient.sync, RawClient.flush, RawClient.message("F", [0, 0, 0, 1, 0, 0]),
    RawClient.message("d", [1, 2, 3]),
    RawClient.query("BEGIN"), RawClient.query("SET application_name = 'fuzz'"),
    RawClient.query("SELECT later('x')"),
  ]

  private func broken(_ messages: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      bytes += messages.randomElement(using: &random) ?? []
    }
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes = Array(bytes.prefix(place))
      case 3:
        bytes.insert(contentsOf: (0..<9).map { _ in UInt8.random(in: 0...255, using: &random) }, at: place)
      case 4: bytes.removeSubrange(place..<min(bytes.count, place + 5))
      case 5:
        // A length that is wrong: tiny, huge, negative, off by one.
        guard bytes.count > 5 else { break }
        let length =
          [Int32(0), 3, 4, 5, 9_999, 10_001, 1 << 20, .max, -1, .min].randomElement(using: &random) ?? 0
        bytes.replaceSubrange(1..<5, with: RawClient.bytes(of: length))
      default:
        bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      }
    }
    return bytes
  }

  private func alive(_ server: TestServer) throws -> Bool {
    try server.login().value("SELECT echo('alive')") == "alive"
  }

  @Test("before the log-in", arguments: [21, 22] as [UInt64])
  func beforeLogin(seed: UInt64) throws {
    let server = try TestServer { $0.authenticationTimeout = .seconds(2) }
    defer { server.server.stop(grace: .zero) }
    var random = SeededGenerator(seed: seed)
    let first = Array("n,,n=,r=abc".utf8)
    let packets: [[UInt8]] = [
      RawClient.startup([("user", TestServer.user), ("application_name", "x")]), RawClient.sslRequest,
      RawClient.gssRequest, RawClient.cancel(process: 1, secret: 2),
      RawClient.startup([("user", "x"), ("_pq_.y", "z")], version: 3 << 16 | 9),
      RawClient.message(
        "p", RawClient.cString("SCRAM-SHA-256") + RawClient.bytes(of: Int32(first.count)) + first),
      RawClient.message("p", Array("c=biws,r=abc,p=AAAA".utf8)), RawClient.query("SELECT 1"),
    ]
    for round in 0..<750 {
      let client = try server.connect()
      client.send(broken(packets, &random))
      if round.isMultiple(of: 3) { client.reset() } else { client.close() }
    }
    #expect(try alive(server))
    #expect(eventually { server.server.sessionCount == 0 })
    #expect(server.service.events.withLock { $0.started.count } == 1)
  }

  @Test("after the log-in", arguments: [31, 32] as [UInt64])
  func afterLogin(seed: UInt64) throws {
    let server = try TestServer { $0.maximumMessageBytes = 1 << 20 }
    defer { server.server.stop(grace: .zero) }
    var random = SeededGenerator(seed: seed)
    for round in 0..<750 {
      let client = try server.login()
      client.send(broken(Self.good, &random))
      // Some wait for answers, some go at once, some in the middle.
      switch round % 4 {
      case 0: client.reset()
      case 1:
        client.send(RawClient.sync)
        usleep(500)
      default: break
      }
    }
    #expect(try alive(server))
    #expect(eventually { server.server.sessionCount == 0 })
    let (started, ended) = server.service.events.withLock { (Set($0.started), Set($0.ended)) }
    #expect(started == ended)
    #expect(started.count == 751)
  }

  @Test("good messages in any order never end a session", arguments: [41, 42] as [UInt64])
  func shuffled(seed: UInt64) throws {
    let server = try TestServer()
    defer { server.server.stop() }
    var random = SeededGenerator(seed: seed)
    let client = try server.login()
    let messages = Self.good
    for _ in 0..<300 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes += messages.randomElement(using: &random) ?? []
      }
      client.send(bytes)
    }
    // Everything is answered in order, up to the last statement's own answer.
    client.send(RawClient.sync + RawClient.query("ROLLBACK") + RawClient.query("SELECT echo('the end')"))
    var last: [String?] = []
    while last != ["the end"] {
      guard let message = try client.message() else {
        Issue.record("the session ended")
        return
      }
      if message.type == "D" { last = message.values }
    }
    #expect(try client.messages().last?.body == Array("I".utf8))
  }
}
