import CSQLite
import SQLiteExtension
import TestSupport
import Testing

@Suite struct StatementAnalysisTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let sql: String
    let kind: StatementAnalysis.Kind
    let queryPart: String?
    var testDescription: String { sql }

    init(_ sql: String, _ kind: StatementAnalysis.Kind, _ queryPart: String?) {
      self.sql = sql
      self.kind = kind
      self.queryPart = queryPart
    }
  }

  static let examples: [Example] = [
    // Queries are their own query part.
    Example("SELECT f(a) FROM t", .query, "SELECT f(a) FROM t"),
    Example("select f(a) from t;", .query, "select f(a) from t"),
    Example(" ; SELECT 1 ; SELECT 2", .query, "SELECT 1"),
    Example("-- first\nSELECT /* ; */ ';' -- last\n", .query, "SELECT /* ; */ ';'"),
    Example("VALUES (f('x')), (2)", .query, "VALUES (f('x')), (2)"),
    Example("WITH c AS (SELECT 1 x) SELECT f(x) FROM c", .query, "WITH c AS (SELECT 1 x) SELECT f(x) FROM c"),
    Example(
      "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<3) SELECT i FROM n", .query,
      "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<3) SELECT i FROM n"),
    Example(
      "WITH c AS NOT MATERIALIZED (SELECT 1), d AS MATERIALIZED (SELECT 2) VALUES (3)", .query,
      "WITH c AS NOT MATERIALIZED (SELECT 1), d AS MATERIALIZED (SELECT 2) VALUES (3)"),
    Example(
      "WITH replace AS (SELECT 1 x) SELECT x FROM replace", .query,
      "WITH replace AS (SELECT 1 x) SELECT x FROM replace"),

    // CREATE TABLE … AS.
    Example("CREATE TABLE n AS SELECT f(a) FROM t", .createTableAs, "SELECT f(a) FROM t"),
    Example("create temp table main_n as select 1;", .createTableAs, "select 1"),
    Example(
      "CREATE TEMPORARY TABLE IF NOT EXISTS temp.\"as\" AS WITH c AS (SELECT 1 x) SELECT x FROM c",
      .createTableAs,
      "WITH c AS (SELECT 1 x) SELECT x FROM c"),
    Example("CREATE TABLE [select] AS VALUES (f(1))", .createTableAs, "VALUES (f(1))"),
    Example("CREATE TABLE n (a, b)", .other, nil),
    Example("CREATE VIEW w AS SELECT f(a) FROM t", .other, nil),
    Example("CREATE INDEX i ON t(a)", .other, nil),
    Example("CREATE UNIQUE INDEX i ON t(a) WHERE a > 1", .other, nil),
    Example("CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT f(new.a); END", .other, nil),
    Example("CREATE VIRTUAL TABLE v USING fts5(a)", .other, nil),

    // INSERT and REPLACE.
    Example("INSERT INTO u SELECT * FROM k", .insert, "SELECT * FROM k"),
    Example("INSERT INTO main.t AS x (a, b) SELECT f(c), d FROM u", .insert, "SELECT f(c), d FROM u"),
    Example(
      "INSERT OR IGNORE INTO t(a, b) VALUES (f('x'), 2), (g('y'), 3)", .insert,
      "VALUES (f('x'), 2), (g('y'), 3)"),
    Example("REPLACE INTO t(a) SELECT c FROM u", .insert, "SELECT c FROM u"),
    Example(
      "INSERT OR REPLACE INTO t(a) SELECT c FROM u WHERE f(c) = 1", .insert, "SELECT c FROM u WHERE f(c) = 1"),
    Example("INSERT INTO t DEFAULT VALUES", .insert, nil),
    Example("INSERT INTO t(a) VALUES (f(1)) RETURNING g(a)", .insert, "VALUES (f(1))"),
    Example(
      "INSERT INTO t(a, b) SELECT c, d FROM u WHERE true ON CONFLICT (a) DO UPDATE SET b = f(excluded.b)",
      .insert,
      "SELECT c, d FROM u WHERE true"),
    Example(
      "INSERT INTO t(a) SELECT d FROM u JOIN k ON (d = conflict) ON CONFLICT DO NOTHING RETURNING a", .insert,
      "SELECT d FROM u JOIN k ON (d = conflict)"),
    Example(
      "INSERT INTO t(a) SELECT d FROM u JOIN k ON conflict", .insert, "SELECT d FROM u JOIN k ON conflict"),
    Example(
      "WITH z AS (SELECT 1 x) INSERT INTO t(a) SELECT f(x) FROM z", .insert,
      "WITH z AS (SELECT 1 x) SELECT f(x) FROM z"),
    Example(
      "INSERT INTO t(a) WITH z AS (SELECT 1 x) SELECT f(x) FROM z", .insert,
      "WITH z AS (SELECT 1 x) SELECT f(x) FROM z"),
    Example(
      "WITH y AS (SELECT 1 x) INSERT INTO t(a) WITH RECURSIVE z(i) AS (SELECT x FROM y) SELECT f(i) FROM z",
      .insert,
      "WITH RECURSIVE y AS (SELECT 1 x), z(i) AS (SELECT x FROM y) SELECT f(i) FROM z"),
    Example("INSERT INTO 'u' SELECT 1, 2", .insert, "SELECT 1, 2"),

    // UPDATE.
    Example("UPDATE t SET a = f(b)", .update, "SELECT f(b) FROM t"),
    Example(
      "UPDATE t SET a = f(b), b = g(a) WHERE h(a) = 1;", .update, "SELECT f(b), g(a) FROM t WHERE h(a) = 1"),
    Example("UPDATE OR IGNORE main.t AS x SET a = f(x.b)", .update, "SELECT f(x.b) FROM main.t AS x"),
    Example("UPDATE t NOT INDEXED SET a = 1 WHERE b", .update, "SELECT 1 FROM t NOT INDEXED WHERE b"),
    Example(
      "UPDATE t INDEXED BY ia SET b = 1 WHERE a = 2", .update, "SELECT 1 FROM t INDEXED BY ia WHERE a = 2"),
    Example("UPDATE t SET (a, b) = (f(b), g(a))", .update, "SELECT f(b), g(a) FROM t"),
    Example("UPDATE t SET (a) = (f(b))", .update, "SELECT f(b) FROM t"),
    Example(
      "UPDATE t SET (a, b) = (SELECT f(c), d FROM u LIMIT 1), c = 3", .update,
      "SELECT (SELECT f(c), d FROM u LIMIT 1) IS (NULL, NULL), 3 FROM t"),
    Example("UPDATE t SET a = (SELECT f(c) FROM u)", .update, "SELECT (SELECT f(c) FROM u) FROM t"),
    Example("UPDATE t SET a = b = c", .update, "SELECT b = c FROM t"),
    Example(
      "UPDATE t SET a = b IS DISTINCT FROM c WHERE a", .update, "SELECT b IS DISTINCT FROM c FROM t WHERE a"),
    Example(
      "UPDATE t SET a = 'WHERE', \"from\" = [b] WHERE b", .update, "SELECT 'WHERE', [b] FROM t WHERE b"),
    Example(
      "UPDATE t SET a = CASE WHEN b THEN f(b) ELSE g(b, 2) END", .update,
      "SELECT CASE WHEN b THEN f(b) ELSE g(b, 2) END FROM t"),
    Example(
      "UPDATE t SET a = f(u.d) FROM u WHERE u.c = t.b", .update, "SELECT f(u.d) FROM t, u WHERE u.c = t.b"),
    Example(
      "UPDATE t SET a = f(u.d) FROM u JOIN k ON u.c = k.c WHERE u.c = t.b", .update,
      "SELECT f(u.d) FROM t, u JOIN k ON u.c = k.c WHERE u.c = t.b"),
    Example(
      "UPDATE t SET a = d FROM u NATURAL JOIN k WHERE u.c = t.b", .update,
      "SELECT d FROM t, (u NATURAL JOIN k) WHERE u.c = t.b"),
    Example("UPDATE t SET a = f(b) WHERE c RETURNING g(a)", .update, "SELECT f(b) FROM t WHERE c"),
    Example(
      "UPDATE t SET a = f(b) RETURNING a ORDER BY b LIMIT 2", .update, "SELECT f(b) FROM t ORDER BY b LIMIT 2"
    ),
    Example(
      "WITH z AS (SELECT 1 y) UPDATE t SET a = f(y) FROM z", .update,
      "WITH z AS (SELECT 1 y) SELECT f(y) FROM t, z"),

    // DELETE.
    Example("DELETE FROM t WHERE f(a) = 'x'", .delete, "SELECT 1 FROM t WHERE f(a) = 'x'"),
    Example("DELETE FROM main.t AS x WHERE x.a", .delete, "SELECT 1 FROM main.t AS x WHERE x.a"),
    Example("DELETE FROM t", .delete, nil),
    Example("DELETE FROM t RETURNING f(a), b", .delete, "SELECT f(a), b FROM t"),
    Example("DELETE FROM t WHERE a RETURNING f(b)", .delete, "SELECT f(b) FROM t WHERE a"),
    Example(
      "DELETE FROM t WHERE a ORDER BY f(b) LIMIT 3", .delete, "SELECT 1 FROM t WHERE a ORDER BY f(b) LIMIT 3"),
    Example(
      "WITH z AS (SELECT 1 x) DELETE FROM t WHERE a IN (SELECT f(x) FROM z)", .delete,
      "WITH z AS (SELECT 1 x) SELECT 1 FROM t WHERE a IN (SELECT f(x) FROM z)"),

    // Everything else runs as it is.
    Example("", .empty, nil),
    Example(" ;; -- nothing\n/* here */", .empty, nil),
    Example("EXPLAIN SELECT f(a) FROM t", .explain, nil),
    Example("EXPLAIN QUERY PLAN UPDATE t SET a = f(b)", .explain, nil),
    Example("PRAGMA table_info(t)", .other, nil),
    Example("BEGIN", .other, nil),
    Example("ATTACH ':memory:' AS other", .other, nil),
    Example("ANALYZE", .other, nil),
    Example("DROP TABLE t", .other, nil),
    Example("ALTER TABLE t ADD COLUMN z", .other, nil),
  ]

  @Test(arguments: examples)
  func findsTheQueryPart(example: Example) {
    let analysis = StatementAnalysis(example.sql)
    #expect(analysis.kind == example.kind)
    #expect(analysis.queryPart == example.queryPart)
  }

  /// SQLite takes every statement of the table, and every query part is a statement that only reads.
  @Test(arguments: examples)
  func queryPartsPrepareAndOnlyRead(example: Example) throws {
    let database = try MemoryDatabase()
    // UPDATE and DELETE with LIMIT are an option of SQLite's build.
    let needsLimit = example.kind != .query && example.sql.contains("ORDER BY")
    if !needsLimit || sqlite3_compileoption_used("ENABLE_UPDATE_DELETE_LIMIT") != 0 {
      #expect(database.prepareError(example.sql) == nil)
    }
    if let query = example.queryPart {
      #expect(database.prepareError(query) == nil)
      #expect(database.onlyReads(query))
    }
  }

  /// Statements cut off anywhere, and words in any order, are read without a fault.
  @Test func brokenStatementsAreRead() {
    var random = SeededGenerator(seed: 11)
    let words = [
      "SELECT", "VALUES", "WITH", "AS", "INSERT", "OR", "INTO", "REPLACE", "UPDATE", "SET", "FROM", "WHERE",
      "(",
      ")", ",", "=", "a", "\"b\"", "'c'", "RETURNING", "ORDER", "LIMIT", "ON", "CONFLICT", "DO", "CREATE",
      "TABLE",
      "IF", "NOT", "EXISTS", "DELETE", ".", ";", "RECURSIVE", "DISTINCT",
    ]
    var queryParts = 0
    for _ in 0..<20_000 {
      let sql = (0..<Int(random.next() % 14)).map { _ in words[Int(random.next() % UInt64(words.count))] }
      if StatementAnalysis(sql.joined(separator: " ")).queryPart != nil { queryParts += 1 }
    }
    for example in Self.examples {
      let text = Array(example.sql.utf8)
      for count in 0..<text.count {
        if StatementAnalysis(String(decoding: text[..<count], as: UTF8.self)).queryPart != nil {
          queryParts += 1
        }
      }
    }
    #expect(queryParts > 0)
  }

  @Test func noticesLimit() {
    #expect(StatementAnalysis("SELECT a FROM t LIMIT 5").mentionsLimit)
    #expect(StatementAnalysis("SELECT a FROM (SELECT a FROM t limit 5)").mentionsLimit)
    #expect(!StatementAnalysis("SELECT 'LIMIT', \"limit\" FROM t -- LIMIT").mentionsLimit)
  }
}

/// An in-memory database with the tables and functions of the examples.
private final class MemoryDatabase {
  private var connection: OpaquePointer?

  struct Failure: Error { let message: String }

  init() throws {
    guard sqlite3_open(":memory:", &connection) == SQLITE_OK else { throw Failure(message: "open") }
    for name in ["f", "g", "h"] {
      sqlite3_create_function_v2(
        connection, name, -1, SQLITE_UTF8, nil, { context, _, _ in sqlite3_result_null(context) }, nil, nil,
        nil)
    }
    let schema = """
      CREATE TABLE t (a UNIQUE, b, c, "from", x);
      CREATE INDEX ia ON t(a);
      CREATE TABLE u (c, d);
      CREATE TABLE k (c, conflict);
      """
    guard sqlite3_exec(connection, schema, nil, nil, nil) == SQLITE_OK else {
      throw Failure(message: String(cString: sqlite3_errmsg(connection)))
    }
  }

  deinit { sqlite3_close_v2(connection) }

  func prepareError(_ sql: String) -> String? {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    let status = sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
    return status == SQLITE_OK ? nil : String(cString: sqlite3_errmsg(connection))
  }

  func onlyReads(_ sql: String) -> Bool {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
    return sqlite3_stmt_readonly(statement) != 0
  }
}
