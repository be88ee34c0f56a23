import SQLiteExtension
import Testing

/// Which statements tell all their AI calls in one pass with unknown answers.
@Suite struct StatementCallsTests {
  @Test(arguments: [
    "SELECT ai_sentiment(body) FROM reviews",
    "SELECT id, ai_sentiment(body) AS mood FROM reviews",
    "SELECT id, ai_sentiment(body) mood FROM reviews WHERE stars > 3 AND id IN (SELECT id FROM chosen) ORDER BY id",
    "SELECT upper(ai_sentiment(trim(body))), id FROM reviews",
    "SELECT count(ai_sentiment(body)) FROM reviews AS r JOIN shops USING (shop)",
    "WITH few AS (SELECT * FROM reviews) SELECT ai_sentiment(body) FROM few",
  ])
  func oneColumn(statement: String) {
    #expect(StatementCalls(statement).areFoundAtOnce)
  }

  @Test(arguments: [
    // None, and two.
    "SELECT body FROM reviews",
    "SELECT ai_sentiment(body), ai_emotion(body) FROM reviews",
    "SELECT ai_sentiment(ai_translate(body, 'en')) FROM reviews",
    "SELECT ai_sentiment(a) FROM x UNION ALL SELECT ai_sentiment(b) FROM y",
    // The answer decides about rows.
    "SELECT body FROM reviews WHERE ai_sentiment(body) IS NULL",
    "SELECT ai_sentiment(body) AS mood FROM reviews WHERE mood = 'positive'",
    "SELECT ai_sentiment(body) mood FROM reviews WHERE mood = 'positive'",
    "SELECT DISTINCT ai_sentiment(body) FROM reviews",
    "SELECT ai_sentiment(body), count(*) FROM reviews GROUP BY 1",
    "SELECT max(ai_sentiment(body)) FROM reviews HAVING max(id) > 3",
    "SELECT ai_sentiment(body) FROM x UNION SELECT b FROM y",
    "SELECT ai_sentiment(body) FROM reviews LIMIT 3",
    "SELECT id FROM reviews ORDER BY ai_sentiment(body)",
    // It may decide what is asked next.
    "WITH RECURSIVE t(x) AS (SELECT 'a' UNION ALL SELECT ai_sentiment(x) FROM t) SELECT x FROM t",
    "SELECT (SELECT ai_sentiment(body) FROM notes) FROM reviews",
    "SELECT CASE WHEN id > 3 THEN ai_sentiment(body) END FROM reviews",
  ])
  func answersThatMatter(statement: String) {
    #expect(!StatementCalls(statement).areFoundAtOnce)
  }
}
