import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// What the bridge refuses, each with an error that says which limit it was and what to do.
@Suite(.serialized, .endToEnd) struct BridgeLimitsTests {
  @Test func textsAndArrays() throws {
    let bed = try EndToEnd(
      on: try ThrowawayPostgres.shared.get(), options: ["--max-text", "1000", "--max-array", "10"])
    let connection = try bed.connect()
    #expect(try connection.value("SELECT ai_sentiment(repeat('good ', 200))") == "positive")
    // Characters are not bytes.
    for text in ["repeat('x', 1001)", "repeat('ü', 501)"] {
      for call in ["ai_sentiment(\(text))", "ai_sentiment(ARRAY['a', \(text)])", "ai_score('a', \(text))"] {
        let error = connection.failure("SELECT \(call)")
        #expect(error?.sqlState == "54000", "\(call)")
        #expect(error?.error.message.contains("must have at most 1000 bytes of text; got 100") == true)
        #expect(error?.hint == "Pass the text in parts.")
      }
    }
    #expect(
      try connection.value(
        "SELECT cardinality(ai_sentiment(ARRAY(SELECT 'a' || i FROM generate_series(1, 10) AS i)))") == "10")
    let error = connection.failure(
      "SELECT ai_sentiment(ARRAY(SELECT 'b' || i FROM generate_series(1, 11) AS i))")
    #expect(error?.sqlState == "54000")
    #expect(
      error?.error.message == "ai_sentiment: argument 1 (text) must have at most 10 elements; got 11")
    // Equal texts and NULLs are not sent.
    #expect(
      try connection.value(
        "SELECT cardinality(ai_sentiment(ARRAY(SELECT nullif('c' || i % 8, 'c7') FROM generate_series(1, 5000) AS i)))"
      )
        == "5000")
    let direct = try PostgresConnection(PostgresDSN(bed.bridgeDSN))
    #expect(
      direct.failure("SELECT ai_embed($1)", [.text(String(repeating: "x", count: 1_001))])?.sqlState
        == "54000")
    #expect(
      direct.failure("SELECT ai_embed($1::text[])", [.texts((0...10).map { "d\($0)" })])?.sqlState == "54000")
    #expect(try direct.value("SELECT ai_sentiment('I love it')") == "positive")
  }

  @Test func time() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), options: ["--call-timeout", "3"])
    let connection = try bed.connect()
    #expect(try connection.value("SELECT ai_sentiment('I love it')") == "positive")
    for connection in [connection, try PostgresConnection(PostgresDSN(bed.bridgeDSN))] {
      let text = String(repeating: "\(UUID().uuidString) came late and was broken. ", count: 60_000)
      let error = connection.failure("SELECT ai_sentiment($1::text)", [.text(text)])
      #expect(error?.sqlState == "57014")
      #expect(error?.error.message == "ai_sentiment: the call took longer than the bridge allows")
      #expect(error?.hint?.contains("--call-timeout") == true)
      #expect(try connection.value("SELECT ai_sentiment('I love it as before')") == "positive")
    }
    try BridgeWork(connection).expectToStop()
  }

  @Test func sessions() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), options: ["--max-sessions", "2"])
    let connections = [try bed.connect(), try bed.connect()]
    for connection in connections {
      #expect(try connection.value("SELECT ai_sentiment('I love it')") == "positive")
      #expect(try connection.value("SELECT ok FROM sibyl.health()") == "t")
    }
    let third = try bed.connect()
    let error = third.failure("SELECT ai_embed('one too many')")
    #expect(error?.sqlState == "08006" && error?.detail?.contains("too many clients") == true)
    #expect(try third.value("SELECT ai_sentiment('I love it')") == "positive")
    // Whose session ends makes room.
    let ended = try connections[0].value("SELECT pg_terminate_backend(\(connections[1].backendProcess))")
    #expect(ended == "t")
    withExtendedLifetime(connections) {}
    #expect(eventually { (try? third.query("SELECT ai_embed('one too many')")) != nil })
  }

  /// Long calls fill all threads and the queue behind them; what comes then is refused at once, and the queue is
  /// empty again when those who wait are gone.
  @Test func waitingCalls() throws {
    let bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), options: ["--max-waiting", "3"])
    let connection = try bed.connect()
    #expect(try connection.value("SELECT ai_sentiment('I love it')") == "positive")
    let text = String(repeating: "It came late and was broken. ", count: 8_000)
    let dsn = try bed.bridgeDSN
    // More than threads and queue take together.
    let callers = try (0..<80).map { number in
      let session = Session(try PostgresConnection(PostgresDSN(dsn)))
      return (session, session.start("SELECT ai_sentiment('Caller \(number). \(text)')"))
    }
    let isFull = try eventually { try connection.integer("SELECT queue_length FROM sibyl.status") == 3 }
    #expect(isFull)
    let error = connection.failure("SELECT ai_sentiment(ARRAY['one too many'])")
    #expect(error?.sqlState == "53000")
    #expect(error?.error.message == "the bridge has 3 calls waiting and takes no more just now")
    #expect(error?.hint?.contains("--max-waiting") == true)
    for (session, _) in callers { session.connection.canceller()?.cancel() }
    var states: [String: Int] = [:]
    for (_, call) in callers {
      if case .failure(let error) = try #require(call.wait()) {
        states[error.sqlState ?? "", default: 0] += 1
      }
    }
    // Nobody was computed to the end; those beyond the limit were told so.
    #expect(states["57014", default: 0] + states["53000", default: 0] == callers.count, "\(states)")
    #expect(states["53000", default: 0] >= 1 && states["57014", default: 0] >= 10, "\(states)")
    #expect(try eventually { try connection.integer("SELECT queue_length FROM sibyl.status") == 0 })
    #expect(try connection.value("SELECT ai_sentiment(ARRAY['I love it again'])") == "{positive}")
  }
}
