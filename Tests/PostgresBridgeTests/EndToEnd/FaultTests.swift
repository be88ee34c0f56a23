import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// The bridge dies, and comes back.
@Suite(.serialized, .endToEnd) struct BridgeFaultTests {
  private let bed: EndToEnd

  init() throws { bed = try EndToEnd(on: try ThrowawayPostgres.shared.get()) }

  private func expectDown(_ error: PostgresError?, _ function: String) {
    #expect(error?.sqlState == "08006")
    #expect(error?.error.message.hasPrefix("\(function): the Sibyl bridge at 127.0.0.1:") == true)
    #expect(error?.hint?.contains("sibyl bridge --dsn") == true)
    #expect(error?.isConnectionLost == true)
  }

  @Test func aKilledBridgeFailsTheQueryAndTheNextOneWorks() throws {
    let session = Session(try bed.connect())
    let connection = session.connection
    let started = try connection.value("SELECT pg_postmaster_start_time()")
    #expect(try connection.value("SELECT ai_sentiment('What a lovely kettle')") == "positive")
    try bed.waitForCachedAnswers(1)

    // In the middle of a query.
    let call = LongCall()
    let query = session.start(call.sql)
    let watcher = try bed.connect()
    #expect(try eventually { try watcher.integer("SELECT answered FROM sibyl.status") > 500 })
    let port = bed.bridge.port
    bed.bridge.kill()
    guard case .failure(let error) = try #require(query.wait()) else {
      Issue.record("the query did not fail")
      return
    }
    expectDown(error, "ai_sentiment")
    #expect(!connection.isLost)

    // Down: what is cached still comes, in every session; the rest says what to do.
    for connection in [connection, watcher, try bed.connect()] {
      #expect(try connection.value("SELECT ai_sentiment('What a lovely kettle')") == "positive")
      #expect(
        try connection.value(
          "SELECT ai_sentiment(ARRAY['What a lovely kettle', NULL, 'What a lovely kettle'])")
          == "{positive,NULL,positive}")
      expectDown(connection.failure("SELECT ai_sentiment('What an awful kettle')"), "ai_sentiment")
      expectDown(
        connection.failure("SELECT ai_sentiment(ARRAY['What a lovely kettle', 'What an awful kettle'])"),
        "ai_sentiment")
      expectDown(connection.failure("SELECT * FROM ai_chunk('What an awful kettle')"), "ai_chunk")
      expectDown(connection.failure("SELECT * FROM sibyl.status"), "sibyl.status")
      let health = try connection.query("SELECT * FROM sibyl.health()")
      #expect(health[0, 0] == "f" && health[0, 1]?.contains("does not answer (") == true)
    }
    // A failure in a transaction is one like any other.
    try connection.runScript("BEGIN; SAVEPOINT before")
    expectDown(connection.failure("SELECT ai_embed('What an awful kettle')"), "ai_embed")
    try connection.runScript("ROLLBACK TO before; COMMIT")

    // Back at the same place, and the same sessions go on.
    try bed.restartBridge(listen: "127.0.0.1:\(port)")
    #expect(try connection.value("SELECT ai_sentiment('What an awful kettle')") == "negative")
    #expect(try watcher.value("SELECT ai_sentiment('I hate this kettle')") == "negative")
    #expect(try connection.value("SELECT ok FROM sibyl.health()") == "t")

    // Gone and back, at another place, between two calls: nobody notices.
    bed.bridge.kill()
    try bed.restartBridge()
    #expect(bed.bridge.port != port)
    #expect(try connection.value("SELECT ai_sentiment('I love this kettle')") == "positive")
    #expect(try watcher.integer("SELECT requests FROM sibyl.status") == 1)
    #expect(try connection.value("SELECT pg_postmaster_start_time()") == started)
  }

  /// What a bridge had computed when it was killed is in its cache or in the database's: nothing is wrong.
  @Test func answersAfterARestartAreThoseOfBefore() throws {
    let connection = try bed.connect()
    let texts =
      "ARRAY(SELECT 'Kettle number ' || i || ' boils in ' || i || ' minutes' FROM generate_series(1, 300) AS i)"
    let scores = try connection.value("SELECT ai_sentiment_score(\(texts))")
    bed.bridge.kill()
    #expect(try connection.value("SELECT ai_sentiment_score(\(texts))") == scores)
    try connection.query("TRUNCATE sibyl.cache")
    try bed.restartBridge()
    #expect(try connection.value("SELECT ai_sentiment_score(\(texts))") == scores)
  }
}

/// The database goes away under the bridge, and comes back.
@Suite(.serialized, .endToEnd) struct DatabaseFaultTests {
  private let bed: EndToEnd

  init() throws { bed = try EndToEnd() }

  /// A new session, as soon as the server takes one.
  private func reconnect() throws -> PostgresConnection {
    var connection: PostgresConnection?
    _ = eventually {
      connection = try? bed.connect()
      return connection != nil
    }
    return try #require(connection)
  }

  private func expectAnswersAreKept(_ connection: PostgresConnection, _ text: String) throws {
    let before = try connection.integer("SELECT count(*) FROM sibyl.cache")
    #expect(try connection.value("SELECT ai_sentiment($1)", [.text(text)]) == "positive")
    // Calls work at once; the bridge's own connection may have to wait for its next try.
    var number = 0
    let isKept = try eventually {
      number += 1
      _ = try connection.value("SELECT ai_sentiment($1)", [.text("\(text) \(number)")])
      return try connection.integer("SELECT count(*) FROM sibyl.cache") > before
    }
    #expect(isKept, "\(bed.bridge.log)")
  }

  @Test func theBridgeComesBackToARestartedDatabase() throws {
    let first = try bed.connect()
    try expectAnswersAreKept(first, "I love this lamp")
    let cached = try first.integer("SELECT count(*) FROM sibyl.cache")

    try bed.server.restart()
    let second = try reconnect()
    #expect(try second.integer("SELECT count(*) FROM sibyl.cache") >= cached)
    try expectAnswersAreKept(second, "I love this other lamp")
    #expect(bed.bridge.log.contains("connected to the database again"))

    // After a crash the answers are gone, since the table is not logged; nothing else is.
    let victim = try reconnect()
    Foundation.kill(victim.backendProcess, SIGKILL)
    #expect(eventually { !second.checkIsAlive() })
    let third = try reconnect()
    try expectAnswersAreKept(third, "I love this third lamp")
    #expect(try third.value("SELECT ai_sentiment('I love this lamp')") == "positive")
    #expect(bed.bridge.isRunning)
  }

  @Test func aDatabaseThatStopsInTheMiddleOfACall() throws {
    let session = Session(try bed.connect())
    let query = session.start(LongCall().sql)
    let watcher = try bed.connect()
    #expect(try eventually { try watcher.integer("SELECT answered FROM sibyl.status") > 500 })
    try bed.server.stop()
    guard case .failure(let error) = try #require(query.wait()) else {
      Issue.record("the query did not fail")
      return
    }
    #expect(error.isConnectionLost)
    try bed.server.start()
    let connection = try reconnect()
    try BridgeWork(connection).expectToStop()
    try expectAnswersAreKept(connection, "I love this lamp")
    // A bridge whose database is away can be stopped all the same.
    try bed.server.stop()
    #expect(bed.bridge.end().status == 0)
  }
}
