import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// Whoever does not want an answer any more, or is gone, stops the work for it.
///
/// How soon is printed, not asserted: `make bench` measures it.
@Suite(.serialized, .endToEnd) struct BridgeCancellationTests {
  private let bed: EndToEnd
  private let watcher: PostgresConnection
  private let work: BridgeWork

  private static let shared = Result { try EndToEnd(on: try ThrowawayPostgres.shared.get()) }

  init() throws {
    bed = try Self.shared.get()
    watcher = try bed.connect()
    work = BridgeWork(watcher)
  }

  /// When a call is to end.
  private enum Moment {
    /// As soon as some of its rows are computed.
    case afterRows
    /// So long after it began.
    case after(Duration)
  }

  /// Starts a call, lets `cancel` end it, and expects the bridge to stop long before it would be through.
  private func expectStop(
    _ title: String, of sql: String, in session: Session, _ moment: Moment = .afterRows,
    _ location: SourceLocation = #_sourceLocation, cancel: () throws -> Void = {}
  ) throws -> PostgresError? {
    let before = try work.answered()
    var start = ContinuousClock.now
    let query = session.start(sql)
    switch moment {
    case .afterRows:
      try work.waitUntilComputed(before + 500, location)
      start = .now
    case .after(let duration):
      start += duration
      while ContinuousClock.now < start { usleep(1_000) }
    }
    try cancel()
    let process = bed.bridge.process
    let moment = start
    let busy = Background { ProcessorTime.milliseconds(untilIdle: process, since: moment) }
    let outcome = try #require(query.wait(), sourceLocation: location)
    let answered = start.duration(to: .now) / .milliseconds(1)
    try work.expectToStop(location)
    let rows = try work.answered() - before
    #expect(rows < 15_000, "\(title)", sourceLocation: location)
    print(
      "\(title): the query ended after \(Int(answered)) ms, the engine's work after "
        + "\(busy.wait().flatMap { $0 }.map { "\(Int($0))" } ?? "?") ms")
    if case .failure(let error) = outcome { return error }
    Issue.record("the query did not fail", sourceLocation: location)
    return nil
  }

  @Test func aCancelledQuery() throws {
    let session = Session(try bed.connect())
    let canceller = try #require(session.connection.canceller())
    let error = try expectStop("an array, cancelled", of: LongCall().sql, in: session) {
      #expect(canceller.cancel())
    }
    #expect(error?.sqlState == "57014" && error?.error.message == "canceling statement due to user request")
    // The session is as good as before.
    #expect(try session.connection.value("SELECT ai_sentiment('Cancelled, and I love it')") == "positive")
  }

  @Test func aCancelledQueryOfOneLongText() throws {
    let session = Session(try bed.connect())
    let canceller = try #require(session.connection.canceller())
    let text = "repeat('\(UUID().uuidString) came late and was broken. ', 60000)"
    let error = try expectStop(
      "one text of 3 MB, cancelled", of: "SELECT ai_sentiment(\(text))", in: session,
      .after(.milliseconds(400))
    ) {
      #expect(canceller.cancel())
    }
    #expect(error?.sqlState == "57014")
    #expect(try session.connection.value("SELECT ai_sentiment('Cancelled, and I love it')") == "positive")
  }

  @Test func aQueryThatGoesRowByRow() throws {
    let session = Session(try bed.connect())
    let canceller = try #require(session.connection.canceller())
    let sql = "SELECT count(ai_sentiment(body)) FROM unnest((\(LongCall().texts))) AS body"
    let error = try expectStop("row by row, cancelled", of: sql, in: session) {
      #expect(canceller.cancel())
    }
    #expect(error?.sqlState == "57014")
  }

  @Test func aStatementTimeout() throws {
    let session = Session(try bed.connect())
    try session.connection.query("SET statement_timeout = '1s'")
    let error = try expectStop(
      "statement_timeout", of: LongCall().sql, in: session, .after(.seconds(1)))
    #expect(
      error?.sqlState == "57014" && error?.error.message == "canceling statement due to statement timeout")
  }

  @Test func aTerminatedSession() throws {
    let session = Session(try bed.connect())
    let process = session.connection.backendProcess
    let error = try expectStop("pg_terminate_backend", of: LongCall().sql, in: session) { () throws in
      #expect(try watcher.value("SELECT pg_terminate_backend(\(process))") == "t")
    }
    #expect(error?.sqlState == "57P01" && error?.isConnectionLost == true)
  }

  @Test func aPrefetchThatIsCancelled() throws {
    let session = Session(try bed.connect())
    let canceller = try #require(session.connection.canceller())
    let sql = "SELECT ai_prefetch($q$SELECT unnest((\(LongCall().texts)))$q$, 'ai_sentiment')"
    let error = try expectStop("ai_prefetch, cancelled", of: sql, in: session) {
      #expect(canceller.cancel())
    }
    #expect(error?.sqlState == "57014")
  }

  /// PostgreSQL looks for a client that has vanished only where it is told to.
  @Test func aClientThatIsKilled() throws {
    let before = try work.answered()
    let psql = try ChildProcess.psql(
      bed.dsn, ["-c", LongCall().sql],
      environment: ["PGOPTIONS": "-c client_connection_check_interval=100ms"])
    try work.waitUntilComputed(before + 500)
    psql.send(SIGKILL)
    #expect(psql.end().status == 128 + SIGKILL)
    try work.expectToStop()
    #expect(try work.answered() - before < 15_000)
  }

  // MARK: On the bridge's own port

  private func connectToBridge() throws -> PostgresConnection {
    try PostgresConnection(PostgresDSN(bed.bridgeDSN))
  }

  /// The same texts as in `LongCall`, as a literal.
  private func literalCall(_ count: Int) throws -> String {
    let texts = try watcher.value(
      "SELECT array_agg(i || ' \(UUID().uuidString) The parcel ' || i || ' came late') FROM generate_series(1, \(count)) AS i"
    )
    return "SELECT ai_sentiment('\(texts ?? "")'::text[])"
  }

  @Test func aCancelRequestToTheBridge() throws {
    let session = Session(try connectToBridge())
    let canceller = try #require(session.connection.canceller())
    let error = try expectStop("on the bridge's port, cancelled", of: literalCall(20_000), in: session) {
      #expect(canceller.cancel())
    }
    #expect(error?.sqlState == "57014" && error?.error.message == "canceling statement due to user request")
    #expect(try session.connection.value("SELECT ai_sentiment('Cancelled, and I love it')") == "positive")
    try session.connection.query("SET statement_timeout = '700ms'")
    let timeout = try expectStop(
      "on the bridge's port, statement_timeout", of: literalCall(20_000), in: session,
      .after(.milliseconds(700)))
    #expect(
      timeout?.sqlState == "57014" && timeout?.error.message == "canceling statement due to statement timeout"
    )
  }

  @Test func aClientOfTheBridgeThatIsKilled() throws {
    let before = try work.answered()
    let sessions = try watcher.integer("SELECT sessions FROM sibyl.status")
    let psql = try ChildProcess.psql(bed.bridgeDSN, ["-f", "-"], input: try literalCall(20_000))
    try work.waitUntilComputed(before + 500)
    psql.send(SIGKILL)
    #expect(psql.end().status == 128 + SIGKILL)
    try work.expectToStop()
    #expect(try work.answered() - before < 15_000)
    #expect(try eventually { try watcher.integer("SELECT sessions FROM sibyl.status") <= sessions })
  }

  /// A session that got a ticket and does not ask again, although it is there.
  @Test func aTicketThatNobodyAsksFor() throws {
    let before = try work.answered()
    let connection = try connectToBridge()
    let call = try literalCall(20_000).replacing(
      "SELECT ai_sentiment(", with: "SELECT * FROM sibyl_call('ai_sentiment', ")
    let reply = try connection.query(call)
    let ticket = try #require(reply[0, 0])
    #expect(reply.count == 1 && reply[0, 1] == nil)
    try work.expectToStop()
    #expect(try work.answered() - before < 15_000)
    // Another session can't have it. Its own may ask after all: the call begins anew, and gets its ticket again.
    #expect(try connectToBridge().failure("SELECT * FROM sibyl_wait('\(ticket)')")?.sqlState == "22023")
    #expect(try connection.query("SELECT * FROM sibyl_wait('\(ticket)')")[0, 0] == ticket)
    #expect(connection.failure("SELECT * FROM sibyl_wait('no ticket')")?.sqlState == "22023")
  }
}
