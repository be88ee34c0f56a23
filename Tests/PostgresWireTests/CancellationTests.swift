import Foundation
import PostgresWire
import Testing

/// How running calls end early.
@Suite(.serialized)
struct CancellationTests {
  private func waiting(_ server: TestServer, query: String = "SELECT wait()") throws -> RawClient {
    let client = try server.login()
    let before = server.service.events.withLock { $0.calls.count }
    client.send(RawClient.query(query))
    #expect(eventually { server.service.events.withLock { $0.calls.count == before + 1 } })
    return client
  }

  @Test("a CancelRequest ends the call, and only with the right key")
  func cancelRequest() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try waiting(server)
    for (process, secret) in [
      (client.process, client.secret &+ 1), (client.process &+ 1, client.secret), (0, 0), (-1, -1),
    ] {
      let stranger = try server.connect()
      stranger.send(RawClient.cancel(process: process, secret: secret))
      // Nothing is answered, right or wrong.
      #expect(try stranger.message() == nil)
    }
    #expect(server.service.events.withLock { $0.cancelled } == 0)
    let friend = try server.connect()
    friend.send(RawClient.cancel(process: client.process, secret: client.secret))
    #expect(try friend.message() == nil)
    let answer = try client.messages()
    #expect(answer.map(\.type) == ["E", "Z"])
    #expect(answer[0].fields["C"] == "57014")
    #expect(answer[0].fields["M"] == "canceling statement due to user request")
    #expect(server.service.events.withLock { $0.cancelled } == 1)
    // One that comes too late does nothing to the next statement.
    let late = try server.connect()
    late.send(RawClient.cancel(process: client.process, secret: client.secret))
    #expect(try late.message() == nil)
    #expect(try client.value("SELECT echo('next')") == "next")
  }

  @Test("a service that does not hear of hooks sees the flag")
  func flag() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try waiting(server, query: "SELECT stubborn()")
    let friend = try server.connect()
    friend.send(RawClient.cancel(process: client.process, secret: client.secret))
    #expect(try client.messages()[1].values == ["done all the same"])
  }

  @Test("a client that vanishes cancels its call", arguments: [false, true])
  func vanished(byReset: Bool) throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try waiting(server)
    if byReset { client.reset() } else { client.close() }
    #expect(eventually { server.service.events.withLock { $0.cancelled == 1 } })
    #expect(eventually { server.server.sessionCount == 0 })
    #expect(eventually { server.service.events.withLock { $0.ended.count == 1 } })
  }

  @Test("a client that vanishes while its next requests are held back is noticed too")
  func vanishedBehindRequests() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try waiting(server)
    // The first fills what the server reads ahead; the second stays in the socket.
    client.send(RawClient.query("SELECT echo('\(String(repeating: "x", count: 100_000))')"))
    usleep(50_000)
    client.send(RawClient.query("SELECT echo('\(String(repeating: "x", count: 10_000))')"))
    client.close()
    #expect(eventually { server.service.events.withLock { $0.cancelled == 1 } })
    #expect(eventually { server.server.sessionCount == 0 })
    #expect(server.service.events.withLock { $0.calls.count } == 1)
  }

  @Test("answers that cross the end of their connection find nobody")
  func crossing() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    for number in 0..<300 {
      let client = try server.login()
      client.send(RawClient.query("SELECT later('x'); SELECT later('y')"))
      if number.isMultiple(of: 3) { usleep(UInt32(number % 7) * 30) }
      if number.isMultiple(of: 2) { client.reset() } else { client.close() }
    }
    #expect(eventually { server.server.sessionCount == 0 })
    #expect(try server.login().value("SELECT later('alive')") == "alive")
  }

  @Test("statement_timeout")
  func statementTimeout() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    _ = try client.exchange(RawClient.query("SET statement_timeout = 50"))
    #expect(try client.value("SELECT wait()") == "57014 canceling statement due to statement timeout")
    #expect(try client.value("SET statement_timeout = '2 weeks'")?.hasPrefix("22023") == true)
    _ = try client.exchange(RawClient.query("SET statement_timeout = '1min'"))
    #expect(try client.value("SELECT later('in time')") == "in time")
  }

  @Test("in the extended protocol too, and a failed transaction stays failed")
  func extended() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let client = try server.login()
    _ = try client.exchange(RawClient.query("BEGIN"))
    client.send(
      RawClient.parse("SELECT wait()") + RawClient.bind([]) + RawClient.execute()
        + RawClient.parse("SELECT 1")
        + RawClient.sync)
    #expect(eventually { server.service.events.withLock { $0.calls.count == 1 } })
    let friend = try server.connect()
    friend.send(RawClient.cancel(process: client.process, secret: client.secret))
    let answer = try client.messages()
    #expect(String(answer.map(\.type)) == "12EZ")
    #expect(answer.last?.body == Array("E".utf8))
  }

  // MARK: Stop

  @Test("a graceful stop tells idle clients and lets a running call finish")
  func gracefulStop() throws {
    let server = try TestServer()
    let idle = try server.login()
    let half = try server.connect()
    let busy = try waiting(server, query: "SELECT hold(); SELECT echo('never')")
    let stopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      server.server.stop(grace: .seconds(30))
      stopped.signal()
    }
    let farewell = try idle.message()
    #expect(farewell?.fields["C"] == "57P01")
    #expect(farewell?.fields["S"] == "FATAL")
    #expect(try idle.message() == nil)
    #expect(try half.message() == nil)
    // Nobody new gets in.
    #expect(throws: RawClient.Failure.self) { try server.login() }
    server.service.held.withLock { $0.removeLast() }.succeed(.text("in time"))
    var answer: [RawClient.Message] = []
    while let message = try busy.message() { answer.append(message) }
    #expect(answer.first { $0.type == "D" }?.values == ["in time"])
    #expect(answer.last?.fields["C"] == "57P01")
    #expect(stopped.wait(timeout: .now() + 20) == .success)
    #expect(server.service.events.withLock { $0.calls.map(\.name) } == ["hold"])
  }

  @Test("what runs when the server stops is answered to its end", arguments: [false, true])
  func completeAnswer(isExtended: Bool) throws {
    let server = try TestServer()
    let client = try server.login()
    let text = "SELECT hold()"
    // The Sync is with the server already, or on its way.
    client.send(
      isExtended ? RawClient.parse(text) + RawClient.bind([]) + RawClient.execute() : RawClient.query(text))
    #expect(eventually { server.service.held.withLock { $0.count == 1 } })
    let stopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      server.server.stop(grace: .seconds(30))
      stopped.signal()
    }
    #expect(throws: RawClient.Failure.self) {
      while true { _ = try server.login() }
    }
    server.service.held.withLock { $0.removeLast() }.succeed(.text("in time"))
    if isExtended { client.send(RawClient.message("S")) }
    var answer: [RawClient.Message] = []
    while let message = try client.message() { answer.append(message) }
    #expect(String(answer.map(\.type)) == (isExtended ? "12DCZE" : "TDCZE"))
    #expect(answer.last?.fields["C"] == "57P01")
    #expect(stopped.wait(timeout: .now() + 20) == .success)
  }

  @Test("when the time of grace is over, what runs is cancelled")
  func hardStop() throws {
    let server = try TestServer()
    let polite = try waiting(server)
    // This one is never answered: its connection is closed all the same.
    let deaf = try waiting(server, query: "SELECT hold()")
    server.server.stop(grace: .milliseconds(50))
    #expect(try polite.message()?.fields["C"] == "57P01")
    #expect(try deaf.message() == nil)
    #expect(server.service.events.withLock { $0.cancelled } == 1)
    // An answer after the end finds nobody, and does no harm.
    let request = server.service.held.withLock { $0.removeLast() }
    #expect(request.isCancelled)
    request.succeed(.text("too late"))
  }
}
