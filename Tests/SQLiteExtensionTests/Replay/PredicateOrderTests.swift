import CSQLite
import SQLiteExtension
import TestSupport
import Testing

/// Cheap conditions before dear ones, and never another meaning.
@Suite struct PredicateOrderTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let sql: String
    /// Nil where nothing is to be changed.
    let improved: String?
    var testDescription: String { sql }

    init(_ sql: String, _ improved: String?) {
      self.sql = sql
      self.improved = improved
    }
  }

  static let examples: [Example] = [
    Example(
      "SELECT * FROM t WHERE ai_filter(body, 'angry') AND stars < 3",
      "SELECT * FROM t WHERE stars < 3 AND ai_filter(body, 'angry')"),
    Example("SELECT * FROM t WHERE stars < 3 AND ai_filter(body, 'angry')", nil),
    Example("SELECT ai_sentiment(body) FROM t WHERE a AND b", nil),
    // A decoder's condition behind an encoder's, whichever function it is in.
    Example(
      "SELECT 1 FROM t WHERE ai_generate(body) = 'x' AND ai_score(body, 'a') > 0.5 AND id BETWEEN 1 AND 5 ORDER BY id",
      "SELECT 1 FROM t WHERE id BETWEEN 1 AND 5 AND ai_score(body, 'a') > 0.5 AND ai_generate(body) = 'x' ORDER BY id"
    ),
    Example(
      "SELECT 1 FROM t WHERE ai_filter(a, 'x', '{\"model\":\"smollm2\"}') AND ai_filter(a, 'x')",
      "SELECT 1 FROM t WHERE ai_filter(a, 'x') AND ai_filter(a, 'x', '{\"model\":\"smollm2\"}')"),
    // OR and AND at every depth; the order among equals stays.
    Example(
      "SELECT 1 FROM t WHERE (ai_score(x, 'a') > 1 OR p = 1 OR q = 2) AND r",
      "SELECT 1 FROM t WHERE r AND (p = 1 OR q = 2 OR ai_score(x, 'a') > 1)"),
    Example(
      "SELECT 1 FROM t WHERE r AND NOT (ai_score(x, 'a') > 1 AND p)",
      "SELECT 1 FROM t WHERE r AND NOT (p AND ai_score(x, 'a') > 1)"),
    Example(
      "SELECT 1 FROM t WHERE ai_score(x, 'a') > 1 AND p OR q",
      "SELECT 1 FROM t WHERE q OR p AND ai_score(x, 'a') > 1"),
    // CASE is one term, and so is a row of values.
    Example(
      "SELECT 1 FROM t WHERE CASE WHEN ai_score(x, 'a') > 1 AND p THEN 1 END AND r",
      "SELECT 1 FROM t WHERE r AND CASE WHEN ai_score(x, 'a') > 1 AND p THEN 1 END"),
    Example("SELECT 1 FROM t WHERE (ai_score(x, 'a') AND p, 2) = (1, 2)", nil),
    // Subqueries, HAVING, ON, and names for calls.
    Example(
      "SELECT 1 FROM t WHERE id IN (SELECT id FROM u WHERE ai_sentiment(b) = 'x' AND p = 1) AND q",
      "SELECT 1 FROM t WHERE q AND id IN (SELECT id FROM u WHERE p = 1 AND ai_sentiment(b) = 'x')"),
    Example(
      "SELECT g FROM t GROUP BY g HAVING ai_summarize_agg(b) <> '' AND count(*) > 3",
      "SELECT g FROM t GROUP BY g HAVING count(*) > 3 AND ai_summarize_agg(b) <> ''"),
    Example(
      "SELECT 1 FROM t JOIN u ON ai_score(t.b, u.b) > 1 AND t.id = u.id LEFT JOIN v ON v.x = 1 WHERE 1",
      "SELECT 1 FROM t JOIN u ON t.id = u.id AND ai_score(t.b, u.b) > 1 LEFT JOIN v ON v.x = 1 WHERE 1"),
    Example(
      "SELECT id, ai_sentiment(b) AS mood FROM t WHERE mood = 'x' AND stars < 3",
      "SELECT id, ai_sentiment(b) AS mood FROM t WHERE stars < 3 AND mood = 'x'"),
    // Statements that write.
    Example(
      "DELETE FROM t WHERE ai_sentiment(b) = 'x' AND stars < 3 RETURNING id",
      "DELETE FROM t WHERE stars < 3 AND ai_sentiment(b) = 'x' RETURNING id"),
    Example(
      "INSERT INTO u SELECT b, 1 FROM t WHERE ai_sentiment(b) = 'x' AND p ON CONFLICT (k) DO UPDATE SET n = 1",
      "INSERT INTO u SELECT b, 1 FROM t WHERE p AND ai_sentiment(b) = 'x' ON CONFLICT (k) DO UPDATE SET n = 1"
    ),
    Example("SELECT 'WHERE ai_sentiment(b) AND p', ai_sentiment(b) FROM t", nil),
    // What is no SQL is not touched.
    Example("SELECT 1 FROM t WHERE ai_sentiment(b) AND", nil),
    Example("SELECT 1 FROM t WHERE ai_sentiment(b AND p", nil),
    Example("WHERE", nil),
    Example("", nil),
  ]

  @Test(arguments: examples) func puts(example: Example) {
    #expect(PredicateOrder.improved(example.sql) == example.improved)
  }

  /// Random conditions, tried on a table that has every combination of values: with the calls replaced by something
  /// that SQLite can compute here, both orders select the same rows.
  @Test func neverChangesTheRows() throws {
    var generator = SeededGenerator(seed: 5)
    let database = PlainDatabase()
    database.run("CREATE TABLE t(a, b, c)")
    for a in ["NULL", "0", "1"] {
      for b in ["NULL", "0", "1"] {
        for c in ["NULL", "0", "1"] { database.run("INSERT INTO t VALUES(\(a), \(b), \(c))") }
      }
    }
    var changed = 0
    for _ in 0..<2_000 {
      let sql = "SELECT rowid FROM t WHERE \(condition(depth: 4, &generator)) ORDER BY 1"
      guard let improved = PredicateOrder.improved(sql) else { continue }
      changed += 1
      // SQLite itself says whether it is still the same.
      let rows = [sql, improved].map { database.rows(Self.computable($0)) }
      #expect(rows[0] == rows[1], "\(sql)")
      #expect(PredicateOrder.improved(improved) == nil, "\(improved)")
    }
    #expect(changed > 300)
  }

  private static func computable(_ sql: String) -> String {
    sql.replacing("ai_score(a, 'x')", with: "abs(a)").replacing("ai_generate(b)", with: "abs(b)")
  }

  private func condition(depth: Int, _ generator: inout SeededGenerator) -> String {
    let leaves = [
      "a", "b = 1", "c IS NULL", "c BETWEEN 0 AND a", "ai_score(a, 'x')", "ai_score(a, 'x') = 1",
      "ai_generate(b)",
      "NOT ai_generate(b)", "ai_score(a, 'x') BETWEEN b AND 1",
      "CASE WHEN a AND b THEN c ELSE ai_generate(b) END",
      "a IN (0, ai_score(a, 'x'))", "EXISTS (SELECT 1 FROM t u WHERE ai_score(a, 'x') AND u.b = t.c)",
    ]
    guard depth > 0, Int.random(in: 0..<5, using: &generator) > 0 else {
      return leaves[Int.random(in: 0..<leaves.count, using: &generator)]
    }
    let left = condition(depth: depth - 1, &generator)
    let right = condition(depth: depth - 1, &generator)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return "(\(left))"
    case 1: return "NOT (\(left))"
    case 2, 3: return "\(left) AND \(right)"
    case 4: return "\(left) /* or */ OR\n\(right)"
    default: return "(\(left) OR \(right)) AND \(left)"
    }
  }
}

/// A database without Sibyl's functions, through SQLite's own library.
private final class PlainDatabase {
  private let connection: OpaquePointer?

  init() {
    var connection: OpaquePointer?
    sqlite3_open(":memory:", &connection)
    self.connection = connection
  }

  deinit { sqlite3_close(connection) }

  func run(_ sql: String) { sqlite3_exec(connection, sql, nil, nil, nil) }

  /// The first column of each row; the error where there is one.
  func rows(_ sql: String) -> [String] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
      return ["error: " + String(cString: sqlite3_errmsg(connection))]
    }
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
    }
    return rows
  }
}
