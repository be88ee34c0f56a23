import Foundation
import PostgresWire
import Testing

/// Start-up, authentication, settings, limits, and what a session tells its client.
@Suite(.serialized)
struct SessionTests {
  @Test("what a client is told after it has logged in")
  func startup() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login([("application_name", "probe"), ("options", "-c TimeZone=Europe/Berlin")])
    #expect(client.settings["server_version"] == "15.0")
    #expect(client.settings["server_encoding"] == "UTF8")
    #expect(client.settings["client_encoding"] == "UTF8")
    #expect(client.settings["DateStyle"] == "ISO, MDY")
    #expect(client.settings["integer_datetimes"] == "on")
    #expect(client.settings["standard_conforming_strings"] == "on")
    #expect(client.settings["TimeZone"] == "Europe/Berlin")
    #expect(client.settings["application_name"] == "probe")
    #expect(client.settings["session_authorization"] == TestServer.user)
    #expect(client.process > 0)
    let changed = try client.exchange(RawClient.query("SET application_name TO 'other'"))
    #expect(changed.map(\.type) == ["S", "C", "Z"])
    #expect(changed[0].strings.prefix(2) == ["application_name", "other"])
    #expect(try client.value("SHOW application_name") == "other")
    #expect(try client.value("RESET ALL") == nil)
    #expect(try client.value("SHOW application_name") == "probe")
    #expect(try client.value("SHOW timezone") == "Europe/Berlin")
    #expect(try client.value("SET server_version = '1'")?.hasPrefix("55P02") == true)
    #expect(try client.value("SET standard_conforming_strings = off")?.hasPrefix("0A000") == true)
    #expect(try client.value("SET a.b = 'c'") == nil)
    #expect(try client.value("SHOW a.b") == "c")
  }

  @Test("newer minor versions and unknown protocol options are negotiated down")
  func negotiation() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.connect()
    client.send(RawClient.startup([("user", TestServer.user), ("_pq_.new", "1")], version: 3 << 16 | 2))
    let message = try client.message()
    #expect(message?.type == "v")
    #expect(
      message?.body == RawClient.bytes(of: UInt32(3 << 16)) + RawClient.bytes(of: Int32(1))
        + RawClient.cString("_pq_.new"))
    _ = try client.authenticate(password: TestServer.password)
    #expect(try client.value("SELECT 1") == "1")
  }

  @Test(
    "what can't be served is refused in words", arguments: [2 << 16, 4 << 16, 1 << 16, 3 << 16] as [UInt32])
  func refusals(version: UInt32) throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.connect()
    // Version 3.0 is refused for its replication, the others for themselves.
    client.send(RawClient.startup([("user", "x"), ("replication", "true")], version: version))
    let error = try client.message()
    #expect(error?.fields["C"] == "0A000")
    #expect(error?.fields["S"] == "FATAL")
    #expect(error?.fields["V"] == "FATAL")
    #expect(try client.message() == nil)
  }

  @Test("encryption requests are declined where there is no certificate, in either order")
  func encryptionRequests() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.connect()
    client.send(RawClient.gssRequest)
    #expect(try client.byte() == UInt8(ascii: "N"))
    client.send(RawClient.sslRequest)
    #expect(try client.byte() == UInt8(ascii: "N"))
    try client.login(user: TestServer.user, password: TestServer.password)
    #expect(try client.value("SELECT 1") == "1")
  }

  @Test("wrong passwords, unknown users and foreign mechanisms")
  func authentication() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    for (user, password) in [(TestServer.user, "guess"), ("nobody", TestServer.password), ("nobody", "")] {
      let client = try server.connect()
      do {
        try client.login(user: user, password: password)
        Issue.record("\(user) got in")
      } catch let failure as RawClient.Failure {
        #expect(failure.description.contains("28P01"), "\(failure)")
      }
    }
    // An unknown user's salt stays the same, as a real one's does.
    func salt(_ user: String) throws -> String {
      let client = try server.connect()
      client.send(RawClient.startup([("user", user)]))
      _ = try client.message()
      let first = Array("n,,n=,r=abc".utf8)
      client.send(
        RawClient.message(
          "p", RawClient.cString("SCRAM-SHA-256") + RawClient.bytes(of: Int32(first.count)) + first))
      let challenge = try client.message()?.body.dropFirst(4) ?? []
      return String(decoding: challenge, as: UTF8.self).split(separator: ",").dropFirst().joined(
        separator: ",")
    }
    #expect(try salt("nobody") == salt("nobody"))
    #expect(try salt("nobody") != salt("somebody"))
    #expect(try salt("nobody").utf8.count == salt(TestServer.user).utf8.count)
    for wrong in [
      RawClient.message("p", RawClient.cString("SCRAM-SHA-256-PLUS") + [0, 0, 0, 0]), RawClient.message("p"),
      RawClient.message("p", RawClient.cString("SCRAM-SHA-256") + [0xFF, 0xFF, 0xFF, 0xFF]),
      RawClient.query("SELECT 1"),
      RawClient.message("p", RawClient.cString("SCRAM-SHA-256") + [0, 0, 0x10, 0]),
      RawClient.message("p", [UInt8](repeating: 65, count: 20_000)),
    ] {
      let client = try server.connect()
      client.send(RawClient.startup([("user", TestServer.user)]) + wrong)
      let answers = try [client.message(), client.message(), client.message()]
      #expect(answers[1]?.fields["C"] == "08P01", "\(answers)")
      #expect(answers[2] == nil)
    }
    server.server.replaceUsers(["new": try SCRAMVerifier(password: "fresh", iterations: 1)])
    let client = try server.connect()
    try client.login(user: "new", password: "fresh")
    #expect(server.service.events.withLock { $0.started.count } == 1)
  }

  @Test("a client that does not log in is turned away in time")
  func timeout() throws {
    let server = try TestServer { $0.authenticationTimeout = .milliseconds(100) }
    defer { server.server.stop() }
    let silent = try server.connect()
    #expect(try silent.message() == nil)
    let slow = try server.connect()
    slow.send(RawClient.startup([("user", TestServer.user)]))
    _ = try slow.message()
    #expect(try slow.message()?.fields["C"] == "57014")
    #expect(try slow.message() == nil)
    // Who is in stays in.
    let client = try server.login()
    usleep(200_000)
    #expect(try client.value("SELECT 1") == "1")
  }

  @Test("no more sessions than configured, and a cancel request still gets through")
  func connectionLimit() throws {
    let server = try TestServer { $0.maximumConnections = 2 }
    defer { server.server.stop() }
    let first = try server.login()
    let second = try server.login()
    let third = try server.connect()
    third.send(RawClient.startup([("user", TestServer.user)]))
    #expect(try third.message()?.fields["C"] == "53300")
    first.send(RawClient.query("SELECT wait()"))
    #expect(eventually { server.service.events.withLock { $0.calls.count == 1 } })
    let canceller = try server.connect()
    canceller.send(RawClient.cancel(process: first.process, secret: first.secret))
    #expect(try first.messages()[0].fields["C"] == "57014")
    second.close()
    #expect(eventually { server.server.sessionCount == 1 })
    #expect(eventually { (try? server.login()) != nil })
  }

  @Test("messages out of place, of unknown kinds, and of impossible lengths")
  func protocolErrors() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let fatal: [[UInt8]] = [
      RawClient.message("p", [0]), RawClient.message("?"), [UInt8(ascii: "Q"), 0, 0, 0, 3],
      [UInt8(ascii: "Q"), 0xFF, 0xFF, 0xFF, 0xFF],
    ]
    for bytes in fatal {
      let client = try server.login()
      client.send(bytes)
      let error = try client.message()
      #expect(error?.fields["C"] == "08P01", "\(bytes)")
      #expect(error?.fields["S"] == "FATAL")
      #expect(try client.message() == nil)
    }
    let client = try server.login()
    let call = try client.exchange(RawClient.message("F", [0, 0, 0, 1]))
    #expect(call.map(\.type) == ["E", "Z"])
    #expect(call[0].fields["C"] == "0A000")
    // COPY's messages are ignored outside of a COPY; a query without its zero byte is an error.
    client.send(RawClient.message("d", [1, 2]) + RawClient.message("c") + RawClient.message("f", [0]))
    #expect(try client.exchange(RawClient.message("Q", Array("SELECT 1".utf8)))[0].fields["C"] == "08P01")
    #expect(
      try client.exchange(RawClient.message("Q", Array("SELECT \"".utf8) + [0xFF, 0x22, 0]))[0].fields["C"]
        == "22021")
    #expect(try client.exchange(RawClient.query("")).map(\.type) == ["I", "Z"])
    client.send(RawClient.message("X"))
    #expect(try client.message() == nil)
  }

  @Test("services that answer wrongly, late or never leave the session whole")
  func services() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    #expect(
      try client.value("SELECT drop()")?.hasPrefix("XX000 drop: the call ended without an answer") == true)
    #expect(try client.value("SELECT * FROM wrong_rows()")?.hasPrefix("XX000") == true)
    let none = try client.exchange(RawClient.query("SELECT no_rows()"))
    #expect(none.map(\.type) == ["T", "C", "Z"])
    #expect(none[1].strings.first == "SELECT 0")
    #expect(try client.value("SELECT later('x')") == "x")
    client.send(RawClient.query("SELECT hold()"))
    #expect(eventually { server.service.held.withLock { $0.count == 1 } })
    let request = try #require(server.service.held.withLock { $0.popLast() })
    request.succeed(.text("first"))
    request.succeed(.text("second"))
    request.fail(.cancelled)
    let answer = try client.messages()
    #expect(answer.map(\.type) == ["T", "D", "C", "Z"])
    #expect(answer[1].values == ["first"])
    #expect(try client.value("SELECT echo('on')") == "on")
  }

  @Test("many statements in one string, and many strings in one go")
  func pipelines() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let answer = try client.exchange(RawClient.query(String(repeating: "SELECT echo('x');", count: 1_000)))
    #expect(answer.count { $0.type == "D" } == 1_000)
    #expect(answer.count { $0.type == "Z" } == 1)
    client.send((0..<500).flatMap { RawClient.query("SELECT \($0 % 2 == 0 ? "later" : "echo")('\($0)')") })
    for number in 0..<500 { #expect(try client.messages()[1].values == ["\(number)"]) }
  }

  @Test("large texts go both ways")
  func largeTexts() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    let text = String(repeating: "grüße ", count: 500_000)
    #expect(try client.value("SELECT echo('\(text)')") == text)
    #expect(try client.value("SELECT echo('small')") == "small")
  }

  @Test("a result is sent only as fast as the client takes it, and arrives whole")
  func backPressure() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    client.send(RawClient.query("SELECT * FROM series(300000)"))
    // Nothing is read for a while: the server has to wait in the middle, and others are served.
    usleep(200_000)
    let other = try server.login()
    #expect(try other.value("SELECT 1") == "1")
    let answer = try client.messages()
    let rows = answer.filter { $0.type == "D" }
    #expect(rows.count == 300_000)
    #expect(rows.last?.values == ["299999", "row 299999"])
    #expect(answer[answer.count - 2].strings.first == "SELECT 300000")
  }

  @Test("a client that only sends is stopped from sending")
  func requestFlood() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    client.send(RawClient.query("SELECT hold()"))
    #expect(eventually { server.service.held.withLock { $0.count == 1 } })
    // While the call runs, the server takes some more, the sockets' buffers fill, then nothing goes any more.
    let request = RawClient.query("SELECT echo('\(String(repeating: "x", count: 60_000))')")
    var sent = 0
    var stalls = 0
    var rest = request[...]
    while stalls < 20, sent < 256 << 20 {
      let count = client.sendWithoutWaiting(Array(rest))
      if count > 0 {
        sent += count
        rest = rest.dropFirst(count)
        if rest.isEmpty { rest = request[...] }
        stalls = 0
      } else {
        stalls += 1
        usleep(10_000)
      }
    }
    #expect(sent < 64 << 20)
    #expect(server.service.events.withLock { $0.calls.count } == 1)
    server.service.held.withLock { $0.removeLast() }.succeed(.text("done"))
    #expect(try client.messages()[1].values == ["done"])
    #expect(try client.messages()[1].values.first??.utf8.count == 60_000)
  }

  @Test("what is logged: who came and went, never what was said")
  func logging() throws {
    let server = try TestServer()
    let client = try server.login()
    #expect(try client.value("SELECT echo('a very private text')") == "a very private text")
    client.close()
    #expect(eventually { server.server.sessionCount == 0 })
    server.server.stop()
    let log = server.log.all.joined(separator: "\n")
    for word in ["info listening", "debug session started", "debug session ended", "info stopped"] {
      #expect(log.contains(word), "\(word) in \(log)")
    }
    #expect(!log.contains("private"))
    #expect(!log.contains(TestServer.password))
    let events = server.service.events.withLock { ($0.started, $0.ended) }
    #expect(events.0.count == 1)
    #expect(events.0 == events.1)
  }
}
