import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// Many sessions at once: each gets the answers to its own questions.
@Suite(.endToEnd, .enabled(if: SQLiteAnswers.obstacle == nil, "\(SQLiteAnswers.obstacle ?? "")"))
struct ConcurrentSessionsTests {
  private static let sessions = 20
  private static let textsPerSession = 25

  private static func texts(of session: Int) -> [String] {
    let products = ["kettle", "yoga mat", "suitcase", "lamp", "backpack"]
    let moods = ["works like a charm", "broke on the first day", "is a table", "could be worse", "is a joke"]
    return (0..<textsPerSession).map { number in
      // Some texts are everybody's.
      let owner = number % 5 == 0 ? "Everybody's" : "Customer \(session)'s"
      return "\(owner) \(products[number % 5]) \(moods[number / 5 % 5]), says report \(number)."
    }
  }

  @Test func twentySessions() throws {
    let bed = try EndToEnd.shared.get()
    let texts = (0..<Self.sessions).map(Self.texts)
    let expected = try SQLiteAnswers(folder: bed.folder, texts: texts.flatMap { $0 }).lines([
      """
      SELECT ai_sentiment(body) || ' ' || hex(ieee754_to_blob(ai_score(body, 'a complaint')))
        || ' ' || ai_classify(body, '["kitchen","sport","travel"]')
      FROM texts WHERE body IS NOT NULL ORDER BY id
      """
    ])[0]
    #expect(expected.count == Self.sessions * Self.textsPerSession && Set(expected).count > 100)

    let dsn = bed.dsn
    let answers = texts.map { texts in
      Background { () -> Result<[String], PostgresError> in
        do throws(PostgresError) {
          let connection = try PostgresConnection(PostgresDSN(dsn))
          var answers: [String] = []
          for text in texts {
            answers.append(
              try connection.query(
                """
                SELECT ai_sentiment($1::text) || ' ' || upper(encode(float8send(ai_score($1::text, 'a complaint')), 'hex'))
                  || ' ' || ai_classify($1::text, ARRAY['kitchen', 'sport', 'travel'])
                """, [.text(text)]
              ).first ?? "NULL")
          }
          return .success(answers)
        } catch {
          return .failure(error)
        }
      }
    }
    for (session, answers) in answers.enumerated() {
      let found = try #require(answers.wait()).get()
      #expect(found == Array(expected.dropFirst(session * Self.textsPerSession).prefix(Self.textsPerSession)))
    }
  }

  /// Processes as clients, which all ask the same, and each something of its own.
  @Test func severalClients() throws {
    let bed = try EndToEnd.shared.get()
    let clients = try (0..<5).map { client in
      try ChildProcess.psql(
        bed.dsn,
        [
          "-A", "-t", "-c",
          """
          SELECT ai_sentiment(bodies)
            = ARRAY(SELECT ai_sentiment(body) FROM unnest(bodies) WITH ORDINALITY AS b (body, i) ORDER BY i)
          FROM (
            SELECT array_agg(format('Report %s of %s is %s.', i, (ARRAY['everybody', 'client \(client)'])[i % 2 + 1],
              (ARRAY['good', 'bad', 'a text'])[i % 3 + 1])) AS bodies
            FROM generate_series(1, 60) AS i) AS t
          """,
        ])
    }
    for client in clients {
      #expect(client.end() == ChildProcess.Ending(status: 0, output: "t\n", errors: ""))
    }
  }
}
