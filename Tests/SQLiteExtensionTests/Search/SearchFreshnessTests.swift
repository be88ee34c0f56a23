import Testing

/// ai_search answers from memory, and must never answer anything but what a SELECT on the same connection would see.
/// Every step compares it with ai_similarity over the whole table, row for row and bit for bit.
@Suite struct SearchFreshnessTests {
  private static let preamble = """
    import os, sqlite3, subprocess, sys
    library, folder = sys.argv[1], os.path.dirname(sys.argv[0])

    def connect(path=':memory:', **options):
        c = sqlite3.connect(path, isolation_level=None, timeout=10, **options)
        c.enable_load_extension(True)
        c.load_extension(library)
        return c

    def check(c, what, table='t', query='late delivery', k=5, column='body'):
        found = c.execute('SELECT rowid, score FROM ai_search(?, ?, ?, ?)', (table, column, query, k)).fetchall()
        expected = c.execute(f'''SELECT rowid, s FROM (SELECT rowid, ai_similarity({column}, ?) AS s FROM {table})
                                 WHERE s IS NOT NULL ORDER BY s DESC, rowid LIMIT ?''', (query, k)).fetchall()
        print('ok' if found == expected else f'WRONG {found} {expected}', what)
        return found

    def fill(c, table='t', text='note', rows=40):
        c.execute(f'CREATE TABLE {table}(id INTEGER PRIMARY KEY, body TEXT)')
        c.executemany(f'INSERT INTO {table}(body) VALUES (?)',
                      [(f'{text} {n} about the delivery' if n % 3 else f'{text} {n}',) for n in range(rows)])

    """

  /// Runs a script whose every line of output must begin with `ok`, and returns the lines.
  private func run(_ script: String, checks: Int) throws {
    let end = try Python.end(of: Self.preamble + script, arguments: [SQLiteShell.library])
    let lines = end.output.split(separator: "\n")
    #expect(end.status == 0 && lines.allSatisfy { $0.hasPrefix("ok ") }, "\(end.output) \(end.complaints)")
    #expect(lines.count == checks, "\(end.output)")
  }

  @Test(arguments: ["delete", "wal"]) func changesOfOneConnection(journal: String) throws {
    try run(
      """
      c = connect(folder + '/one.db')
      c.execute('PRAGMA journal_mode = \(journal)')
      fill(c)
      check(c, 'first')
      check(c, 'again')
      c.execute("INSERT INTO t(body) VALUES ('late delivery')"); check(c, 'insert')
      c.execute("UPDATE t SET body = 'a late delivery indeed' WHERE id = 3"); check(c, 'update')
      c.execute("UPDATE t SET id = 1000 WHERE id = 3"); check(c, 'another rowid')
      c.execute("UPDATE t SET body = NULL WHERE id = 1000"); check(c, 'null')
      c.execute("UPDATE t SET body = '  ' WHERE id = 41"); check(c, 'blank')
      c.execute("DELETE FROM t WHERE id < 9"); check(c, 'delete')
      c.execute("REPLACE INTO t VALUES (20, 'delivered late')"); check(c, 'replace')
      c.execute("INSERT INTO t VALUES (21, 'deliveries are late') ON CONFLICT DO UPDATE SET body = excluded.body")
      check(c, 'upsert')
      c.execute("CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET body = 'late' WHERE id = new.id - 1; END")
      c.execute("INSERT INTO t(body) VALUES ('x')"); check(c, 'trigger')
      c.execute("UPDATE t SET body = (SELECT 'nearest to ' || count(*) FROM ai_search('t', 'body', t.body, 3)) WHERE id IN (30, 31)")
      check(c, 'a search inside an update')
      rows = c.execute("INSERT INTO t(body) SELECT 'late ' || value FROM json_each('[1,2,3]') RETURNING id")
      rows.fetchone(); check(c, 'in the middle of RETURNING'); rows.fetchall(); check(c, 'behind RETURNING')
      with c.blobopen('t', 'body', 12) as blob: blob.write(b'LATE')
      check(c, 'incremental blob')
      c.execute("DELETE FROM t"); check(c, 'empty')
      c.execute("INSERT INTO t(body) VALUES ('one row')"); check(c, 'one row')
      c.close()
      """, checks: 17)
  }

  @Test(arguments: ["delete", "wal"]) func transactionsAndSavepoints(journal: String) throws {
    try run(
      """
      c = connect(folder + '/one.db')
      c.execute('PRAGMA journal_mode = \(journal)')
      fill(c)
      before = check(c, 'before')
      for ending in ['ROLLBACK', 'COMMIT']:
          c.execute('BEGIN'); check(c, 'begun')
          c.execute("UPDATE t SET body = 'late delivery ' || id WHERE id % 2")
          check(c, 'written'); check(c, 'written, again')
          c.execute('SAVEPOINT s'); c.execute("DELETE FROM t WHERE id < 20"); check(c, 'in a savepoint')
          c.execute('ROLLBACK TO s'); check(c, 'rolled back to it')
          c.execute('RELEASE s'); check(c, 'released')
          c.execute(ending); after = check(c, ending)
          if ending == 'ROLLBACK': print('ok' if after == before else 'WRONG', 'as it was')
      # A rollback of what was never searched.
      c.execute('BEGIN'); c.execute('DELETE FROM t'); c.execute('ROLLBACK'); check(c, 'rolled back unseen')
      # Written, searched, undone by hand.
      c.execute('BEGIN'); c.execute("INSERT INTO t VALUES (500, 'late delivery')"); check(c, 'there')
      c.execute('DELETE FROM t WHERE id = 500'); check(c, 'not there'); c.execute('COMMIT'); check(c, 'committed')
      c.execute('SAVEPOINT outer'); c.execute("INSERT INTO t VALUES (501, 'late delivery')"); check(c, 'outer savepoint')
      c.execute('ROLLBACK TO outer'); check(c, 'back'); c.execute('RELEASE outer'); check(c, 'ended')
      # A failing statement in a transaction, and one that ends it.
      c.execute('CREATE TABLE u(x UNIQUE)'); c.execute('INSERT INTO u VALUES (1)')
      c.execute('BEGIN'); c.execute("INSERT INTO t VALUES (600, 'late')"); check(c, 'kept so far')
      for conflict in ['OR ABORT', 'OR FAIL', 'OR ROLLBACK']:
          try: c.execute(f'INSERT {conflict} INTO u VALUES (2), (1)')
          except sqlite3.IntegrityError: pass
          check(c, conflict)
      """, checks: 27)
  }

  @Test(arguments: ["delete", "wal"]) func otherConnectionsAndProcesses(journal: String) throws {
    try run(
      """
      path = folder + '/one.db'
      c, d = connect(path), connect(path)
      c.execute('PRAGMA journal_mode = \(journal)')
      fill(c)
      check(c, 'first'); check(d, 'other connection')
      d.execute("INSERT INTO t(body) VALUES ('late delivery')"); check(c, 'of another connection'); check(d, 'own')
      other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
      subprocess.run([sys.executable, '-c', other, path, "UPDATE t SET body = 'delivered late' WHERE id < 4"], check=True)
      check(c, 'of another process'); check(d, 'of another process, other connection')
      if '\(journal)' == 'wal':
          c.execute('BEGIN'); old = check(c, 'a snapshot')
          d.execute("DELETE FROM t WHERE id < 30"); check(d, 'newer')
          found = check(c, 'still the snapshot'); print('ok' if found == old else 'WRONG', 'the same rows')
          c.execute('COMMIT'); check(c, 'after the snapshot')
          d.execute('PRAGMA wal_checkpoint(TRUNCATE)'); check(c, 'checkpoint')
      subprocess.run([sys.executable, '-c', other, path, "DROP TABLE t"], check=True)
      try: check(c, 'dropped')
      except sqlite3.OperationalError as error: print('ok' if 'there is no "t"' in str(error) else 'WRONG', error)
      d.execute("CREATE TABLE t(a, b, body, id)"); d.execute("INSERT INTO t(body) VALUES ('a new table')")
      check(c, 'made anew elsewhere'); check(d, 'made anew')
      """, checks: journal == "wal" ? 15 : 9)
  }

  @Test func schemaChanges() throws {
    try run(
      """
      c = connect(folder + '/one.db')
      fill(c); check(c, 'first')
      c.execute('ALTER TABLE t ADD COLUMN more'); check(c, 'a column more')
      c.execute('ALTER TABLE t RENAME COLUMN body TO old'); c.execute("ALTER TABLE t ADD COLUMN body TEXT DEFAULT 'late'")
      check(c, 'another column of the name')
      c.execute('ALTER TABLE t RENAME TO elsewhere'); fill(c, text='second', rows=20); check(c, 'another table of the name')
      c.execute('DROP TABLE t'); fill(c, text='third', rows=30); check(c, 'made anew')
      c.execute('CREATE TABLE loose(body)')
      c.executemany('INSERT INTO loose VALUES (?)', [(f'row {n} of the delivery',) for n in range(20)])
      check(c, 'no primary key', table='loose')
      c.execute('DELETE FROM loose WHERE rowid % 3 = 0'); c.execute('VACUUM'); check(c, 'vacuumed', table='loose')
      fill(c, table='temp.t', text='temporary', rows=10); check(c, 'hidden by a temporary table')
      check(c, 'the table itself', table='main.t')
      c.execute("INSERT INTO temp.t(body) VALUES ('late delivery')"); check(c, 'a temporary row')
      c.execute('DROP TABLE temp.t'); check(c, 'not hidden any more')
      c.execute('CREATE INDEX i ON t(body)'); check(c, 'an index')
      c.execute("ALTER TABLE t ADD COLUMN loud AS (upper(body))"); check(c, 'a generated column', column='loud')
      c.execute("UPDATE t SET body = 'late ' || id"); check(c, 'changed', column='loud')
      # Other data under the same connection's main database.
      other = sqlite3.connect(':memory:'); fill(other, text='backup', rows=25); other.commit()
      other.backup(c); check(c, 'restored from elsewhere')
      other.execute("UPDATE t SET body = 'late again ' || id"); other.commit()
      other.backup(c); check(c, 'and again')
      """, checks: 16)
  }

  @Test func attachedDatabases() throws {
    try run(
      """
      for name in ['a', 'b']:
          o = sqlite3.connect(f'{folder}/{name}.db', isolation_level=None)
          fill(o, text='late delivery' if name == 'b' else 'nothing new', rows=30); o.close()
      c = connect()
      def attach(name): c.execute(f"ATTACH '{folder}/{name}.db' AS aux")
      attach('a'); first = check(c, 'attached', table='aux.t'); check(c, 'by its name alone')
      for turn in range(3):
          c.execute('DETACH aux')
          try: check(c, 'detached', table='aux.t')
          except sqlite3.OperationalError as error:
              print('ok' if 'names no database' in str(error) else 'WRONG', error)
          attach('ba'[turn % 2]); check(c, f'another file, {turn}', table='aux.t')
      # The same path with other contents, as alike as can be.
      c.execute('DETACH aux'); os.replace(folder + '/a.db', folder + '/b.db'); attach('b')
      check(c, 'a replaced file', table='aux.t')
      fill(c, text='of main', rows=12); check(c, 'main comes first'); check(c, 'still there', table='aux.t')
      c.execute('DROP TABLE main.t'); check(c, 'main is gone')
      o = sqlite3.connect(f'{folder}/b.db', isolation_level=None); o.execute("UPDATE t SET body = 'late ' || id"); o.close()
      check(c, 'changed by another connection')
      c.execute("CREATE TEMP TABLE x(y)"); check(c, 'after a temporary table')
      c.close()
      """, checks: 14)
  }

  /// What other sessions of a process share.
  @Test func sharedCache() throws {
    try run(
      """
      uri = 'file:shared?mode=memory&cache=shared'
      c, d = connect(uri, uri=True), connect(uri, uri=True)
      fill(c); check(c, 'first'); check(d, 'the other one')
      d.execute("UPDATE t SET body = 'late' WHERE id < 5"); check(c, 'of the other one')
      c.execute('PRAGMA read_uncommitted = 1')
      d.execute('BEGIN'); d.execute("UPDATE t SET body = 'late delivery' WHERE id > 5"); check(c, 'not committed yet')
      d.execute('ROLLBACK'); check(c, 'never committed')
      """, checks: 5)
  }

  /// A statement that is kept for an attached database must not keep the connection from closing.
  @Test func connectionsClose() throws {
    let output = try SQLiteShell().run(
      """
      ATTACH ':memory:' AS aux;
      CREATE TABLE aux.t(body); INSERT INTO aux.t VALUES ('a'), ('b');
      SELECT rowid FROM ai_search('aux.t', 'body', 'b', 1);
      .load \(SQLiteShell.library)
      SELECT rowid FROM ai_search('aux.t', 'body', 'a', 1);
      .open :memory:
      SELECT 'closed';
      """)
    #expect(output == SQLiteShell.Output(text: "2\n1\nclosed\n", errors: "", status: 0))
  }
}
