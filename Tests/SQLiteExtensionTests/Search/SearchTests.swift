import Foundation
import TestSupport
import Testing

@Suite struct SearchTests {
  private static let rows = """
    CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT, vector BLOB);
    INSERT INTO t(id, body) SELECT value, 'note ' || value || ' about ' || (value % 7) FROM generate_series(1, 300);
    """

  /// A column that does not fit is read in each search; the answers are the same.
  @Test func columnsThatDoNotFit() throws {
    let script =
      Self.rows + """

        SELECT group_concat(rowid || ' ' || score) FROM ai_search('t', 'body', 'note about 3', 20);
        UPDATE t SET body = 'note about 3' WHERE id = 7;
        SELECT group_concat(rowid || ' ' || score) FROM ai_search('t', 'body', 'note about 3', 20);
        UPDATE t SET vector = ai_embed(body);
        SELECT group_concat(rowid || ' ' || score) FROM ai_search('t', 'vector', 'note about 3', 20);
        SELECT ai_config('search_memory');
        """
    let whole = try SQLiteShell().run(script)
    // 5 MiB hold one block of 384 dimensions; the second column drives the first one out.
    for limit in ["0", "1", "5"] {
      let bounded = try SQLiteShell(environment: ["SIBYL_SEARCH_MEMORY": limit]).run(script)
      #expect(bounded.errors == "" && whole.errors == "")
      let (found, expected) = (bounded.text.split(separator: "\n"), whole.text.split(separator: "\n"))
      #expect(found.count == 4 && found.dropLast() == expected.dropLast())
      #expect(found.last == "\((Int(limit) ?? 0) << 20)")
    }
  }

  /// All instruction sets give the same bits: the embeddings are made by one of them.
  @Test func instructionSetsAgree() throws {
    let scratch = try TemporaryFolder()
    let database = scratch["t.db"]
    let made = try SQLiteShell(database: database).run(
      Self.rows
        + "\nUPDATE t SET vector = ai_embed(body);\nCREATE TABLE q AS SELECT ai_embed('about 5') AS v;")
    #expect(made.errors == "")
    let query = """
      SELECT group_concat(rowid || ' ' || hex(CAST(score * (1 << 52) AS INTEGER)))
      FROM ai_search('t', 'vector', (SELECT v FROM q), 50);
      """
    let found = try ["generic", "avx2", "avx512"].map { set in
      try SQLiteShell(environment: ["SIBYL_INSTRUCTION_SET": set], database: database).run(query)
    }
    #expect(found[0].errors == "" && found[0].text.split(separator: ",").count == 50)
    #expect(found[1] == found[0] && found[2] == found[0])
  }

  /// A prefetch and a query that is replayed meet the same rows.
  @Test func insideAPrefetch() throws {
    let scratch = try TemporaryFolder()
    let output = try SQLiteShell(environment: ["SIBYL_CACHE": scratch["cache.sqlite3"]]).run(
      Self.rows + """

        ALTER TABLE t ADD COLUMN mark AS (ai_sentiment_score(body));
        ALTER TABLE t ADD COLUMN embedding AS (ai_embed(body));
        SELECT ai_prefetch('SELECT ai_score(t.body, ''x'') FROM ai_search(''t'', ''body'', ''about 4'', 12) s JOIN t ON t.id = s.rowid') ->> 'computed';
        SELECT ai_prefetch('SELECT ai_score(t.body, ''y'') FROM ai_search(''t'', ''embedding'', ''about 4'', 12) s JOIN t ON t.id = s.rowid') ->> 'computed';
        SELECT count(*) FROM ai_search('t', 'embedding', 'about 4', 1000);
        SELECT count(*) FROM ai_search('t', 'nowhere', 'about 4', 1000);
        SELECT ai_prefetch('SELECT * FROM ai_search(''t'', ''nowhere'', ''about 4'', 12)');
        """)
    #expect(output.text.split(separator: "\n").prefix(3) == ["12", "12", "300"])
    // While collecting, a search that fails has no rows; the statement itself tells.
    #expect(output.errors.split(separator: "\n").count { $0.contains("there is no \"nowhere\"") } == 1)
  }

  /// Ctrl-C while texts are embedded: the search ends soon, and the next one goes on with what is cached.
  @Test func interrupt() throws {
    let script = """
      import sqlite3, sys, threading, time
      c = sqlite3.connect(':memory:', check_same_thread=False)
      c.enable_load_extension(True)
      c.load_extension(sys.argv[1])
      c.execute('CREATE TABLE t(body)')
      c.executemany('INSERT INTO t VALUES (?)', [(f'note {n} ' + 'with many words ' * 20,) for n in range(30000)])
      c.execute("SELECT ai_embed('warm')").fetchall()
      begun = time.time()
      threading.Timer(0.3, c.interrupt).start()
      try:
          c.execute("SELECT * FROM ai_search('t', 'body', 'words')").fetchall()
          print('it was not interrupted')
      except sqlite3.OperationalError as error:
          print(error, time.time() - begun < 5)
      c.execute('DELETE FROM t WHERE rowid > 200')
      print(len(c.execute("SELECT * FROM ai_search('t', 'body', 'words', 1000)").fetchall()))
      """
    let output = try Python.run(script, arguments: [SQLiteShell.library])
    #expect(output == "interrupted True\n200\n")
  }

  /// Connections of one process, on threads of their own, search at the same time.
  @Test func severalThreads() throws {
    let script = """
      import sqlite3, sys, threading
      found, texts = set(), [(n, f'note {n} about {n % 7}') for n in range(2500)]
      def work():
          c = sqlite3.connect(':memory:'); c.enable_load_extension(True); c.load_extension(sys.argv[1])
          c.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)')
          c.executemany('INSERT INTO t VALUES (?, ?)', texts)
          for turn in range(50):
              found.add(str(c.execute("SELECT * FROM ai_search('t', 'body', 'about 5', 7)").fetchall()))
      threads = [threading.Thread(target=work) for _ in range(4)]
      for t in threads: t.start()
      for t in threads: t.join()
      print(len(found), len(eval(found.pop())))
      """
    #expect(try Python.run(script, arguments: [SQLiteShell.library]) == "1 7\n")
  }
}
