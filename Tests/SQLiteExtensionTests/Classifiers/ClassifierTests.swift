import Testing

/// A statement asks the classifier that its transaction sees, never another one; and a training leaves a whole classifier
/// behind it or nothing.
@Suite struct ClassifierTests {
  private static let preamble = """
    import os, sqlite3, sys, threading, time
    library, folder = sys.argv[1], os.path.dirname(sys.argv[0])

    def connect(path=':memory:', **options):
        c = sqlite3.connect(path, isolation_level=None, timeout=10, **options)
        c.enable_load_extension(True)
        c.load_extension(library)
        return c

    def fill(c):
        c.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)')
        c.executemany('INSERT INTO t(body) VALUES (?)', [(f'the parcel number {n} is late',) for n in range(20)]
                      + [(f'the invoice number {n} is wrong',) for n in range(20)])

    # A classifier whose labels all begin with a letter, so that an answer tells which one gave it.
    def train(c, letter, name='t'):
        c.execute(f"SELECT ai_train('{name}', 'SELECT body, ''{letter}'' || (id <= 20) FROM t', '{{\\"l2\\":0.1,\\"folds\\":2}}')").fetchall()

    def ask(c, name='t', text='the parcel number 3 is late'):
        return c.execute('SELECT ai_predict(?, ?)', (name, text)).fetchone()[0]

    def tell(is_right, what): print('ok' if is_right else 'WRONG', what)

    def fails(c, sql, words, what, *values):
        try:
            c.execute(sql, values).fetchall()
            print('WRONG', what, 'did not fail')
        except sqlite3.Error as error:
            tell(words in str(error), f'{what}: {error}')

    """

  /// Runs a script whose every line of output must begin with `ok`.
  private func run(_ script: String, checks: Int) throws {
    let end = try Python.end(of: Self.preamble + script, arguments: [SQLiteShell.library])
    let lines = end.output.split(separator: "\n")
    #expect(end.status == 0 && lines.allSatisfy { $0.hasPrefix("ok ") }, "\(end.output) \(end.complaints)")
    #expect(lines.count == checks, "\(end.output)")
  }

  @Test(arguments: ["delete", "wal"]) func everyStatementSeesItsTransactionsClassifier(journal: String) throws
  {
    try run(
      """
      c, d = connect(folder + '/one.db'), connect(folder + '/one.db')
      c.execute('PRAGMA journal_mode = \(journal)')
      fill(c)
      train(c, 'a'); tell(ask(c) == 'a1', 'trained')
      tell(ask(d) == 'a1', 'on another connection')
      train(c, 'b'); tell(ask(c) == 'b1' and ask(d) == 'b1', 'trained anew')
      train(d, 'c'); tell(ask(c) == 'c1' and ask(d) == 'c1', 'trained anew by the other one')
      c.execute('BEGIN'); train(c, 'd'); tell(ask(c) == 'd1', 'in a transaction')
      if '\(journal)' == 'wal': tell(ask(d) == 'c1', 'not seen by the other one')
      else: tell(True, 'locked')
      c.execute('SAVEPOINT s'); train(c, 'e'); tell(ask(c) == 'e1', 'in a savepoint')
      c.execute('ROLLBACK TO s'); tell(ask(c) == 'd1', 'rolled back to it')
      c.execute('ROLLBACK'); tell(ask(c) == 'c1' and ask(d) == 'c1', 'rolled back')
      c.execute('BEGIN'); train(c, 'f'); c.execute('COMMIT'); tell(ask(c) == 'f1' and ask(d) == 'f1', 'committed')
      # The first row of a statement chooses for all of them.
      rows = d.execute("SELECT ai_predict('t', body) FROM t ORDER BY id")
      first = rows.fetchone()[0]
      if '\(journal)' == 'wal': train(c, 'g')
      rest = {r[0][0] for r in rows}
      tell(first == 'f1' and rest == {'f'}, 'a statement sees one classifier')
      if '\(journal)' == 'wal': tell(ask(d) == 'g1', 'the next one the new one')
      else: tell(ask(d) == 'f1', 'nothing new')
      # Two in one statement, one of them from a column, and one that the statement itself trains.
      train(c, 'h', 'u'); train(c, 'i')
      tell(c.execute("SELECT ai_predict('t', body), ai_predict('u', body), ai_predict(n, body) FROM t, (SELECT 't' AS n UNION SELECT 'u') "
           "WHERE id = 1 ORDER BY n").fetchall() == [('i1', 'h1', 'i1'), ('i1', 'h1', 'h1')], 'two classifiers')
      tell(c.execute("SELECT ai_predict('u', body), length(ai_train('u', 'SELECT body, ''x'' || (id <= 20) || ' || '(SELECT count(*) FROM t WHERE t.id < ' || id || ') FROM t')) > 9, "
           "ai_predict('u', body) FROM t WHERE id <= 2 ORDER BY id").fetchall()
           == [('h1', 1, 'x10'), ('x10', 1, 'x11')], 'trained while it is asked')
      c.execute("DELETE FROM sibyl_classifiers WHERE name = 'u'")
      fails(c, "SELECT ai_predict('u', 'x')", 'must name a classifier of the main database; got "u", and there is "t"', 'deleted')
      c.execute("INSERT INTO sibyl_classifiers SELECT 'v', method, model, encoder, labels, report, created, digest, weights FROM sibyl_classifiers")
      tell(ask(c, 'v') == 'i1' and ask(d, 'v') == 'i1', 'copied')
      # An insert and an update that ask for each row.
      c.execute("CREATE TABLE k AS SELECT id, ai_predict('t', body) AS l FROM t")
      c.execute("UPDATE t SET body = body || ai_predict('v', body)")
      tell(c.execute("SELECT count(*) FROM k JOIN t USING (id) WHERE body LIKE '%' || l").fetchone()[0] == 40, 'written')
      d.close(); c.close()
      """, checks: 17)
  }

  @Test func everyDamageIsTold() throws {
    try run(
      """
      c = connect(); fill(c); train(c, 'a')
      weights, = c.execute('SELECT weights FROM sibyl_classifiers').fetchone()
      right = ask(c)
      survived = []
      # Another connection, for this one has the classifier in memory.
      d = connect()
      d.execute('CREATE TABLE sibyl_classifiers(name, method, model, encoder, labels, report, created, digest, weights)')
      d.execute('INSERT INTO sibyl_classifiers VALUES (?,?,?,?,?,?,?,?,?)',
                c.execute('SELECT name, method, model, encoder, labels, report, created, digest, weights FROM sibyl_classifiers').fetchone())
      for position in range(len(weights)):
          changed = bytearray(weights); changed[position] ^= 1 << position % 8
          d.execute('UPDATE sibyl_classifiers SET weights = ?', (bytes(changed),))
          try: survived.append((position, ask(d)))
          except sqlite3.OperationalError as error:
              if 'the classifier "t" is damaged' not in str(error): survived.append((position, str(error)))
      d.execute('UPDATE sibyl_classifiers SET weights = ?', (weights,))
      tell(ask(d) == right, 'mended')
      tell(not survived, f'every byte {survived[:3]}')
      for length in (0, 1, 100, len(weights) - 1):
          d = connect(); d.execute('CREATE TABLE sibyl_classifiers(name, method, model, encoder, labels, report, created, digest, weights)')
          d.execute('INSERT INTO sibyl_classifiers VALUES (?,?,?,?,?,?,?,?,?)',
                    c.execute('SELECT name, method, model, encoder, labels, report, created, digest, substr(weights, 1, ?) FROM sibyl_classifiers', (length,)).fetchone())
          fails(d, "SELECT ai_predict('t', 'x')", 'is damaged', f'cut to {length}')
      """, checks: 6)
  }

  @Test func aTrainingThatEndsEarlyStoresNothing() throws {
    try run(
      """
      c = connect(folder + '/one.db')
      c.execute('CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) '
                "SELECT 'text ' || i || ' about ' || (i * 7919 % 1009) AS body, 'label ' || (i % 60) AS label FROM n")
      fill(c); train(c, 'a')
      before = c.execute('SELECT * FROM sibyl_classifiers').fetchall()
      for pause in (0.02, 0.3, 1.0, 2.0):
          timer = threading.Timer(pause, c.interrupt); timer.start()
          begin = time.time()
          fails(c, "SELECT ai_train('t', 'SELECT body, label FROM big')", 'the query was cancelled', f'after {pause} s')
          timer.join()
          tell(time.time() - begin < pause + 1.5, f'within moments of {pause} s: {time.time() - begin}')
      tell(c.execute('SELECT * FROM sibyl_classifiers').fetchall() == before and ask(c) == 'a1', 'as it was')
      # In a transaction, the rest of which stays.
      c.execute('BEGIN'); c.execute("INSERT INTO t(body) VALUES ('kept')")
      timer = threading.Timer(0.3, c.interrupt); timer.start()
      fails(c, "SELECT ai_train('new', 'SELECT body, label FROM big')", 'the query was cancelled', 'in a transaction'); timer.join()
      c.execute('COMMIT')
      tell(c.execute("SELECT count(*) FROM t WHERE body = 'kept'").fetchone()[0] == 1, 'the transaction went on')
      tell(c.execute('SELECT count(*) FROM sibyl_classifiers').fetchone()[0] == 1, 'one classifier')
      c.close()
      """, checks: 12)
  }

  /// While the large model labels, and while the classifier learns.
  @Test func aDistillationThatIsInterruptedLeavesNothing() throws {
    try run(
      """
      c = connect(folder + '/one.db'); fill(c); train(c, 'a')
      c.execute('CREATE TABLE many(body TEXT)')
      c.executemany('INSERT INTO many VALUES (?)', [(f'{n} {word} of a text that nobody has labelled {folder}',)
                    for n in range(2000) for word in ('parcels', 'invoices')])
      before = c.execute('SELECT * FROM sibyl_classifiers').fetchall()
      sql = "SELECT ai_distill('t', 'SELECT body FROM many', '[\\"shipping\\",\\"billing\\"]', '{\\"rows\\":4000}')"
      for pause in (0.05, 1.0, 3.0):
          timer = threading.Timer(pause, c.interrupt); timer.start()
          fails(c, sql, 'the query was cancelled', f'after {pause} s')
          timer.join()
      tell(c.execute('SELECT * FROM sibyl_classifiers').fetchall() == before and ask(c) == 'a1', 'as it was')
      c.close()
      """, checks: 4)
  }

  @Test func databasesThatTakeNoWritesAreTold() throws {
    try run(
      """
      c = connect(folder + '/one.db'); fill(c); train(c, 'a')
      r = connect('file:' + folder + '/one.db?mode=ro', uri=True)
      tell(ask(r) == 'a1', 'asked')
      begin = time.time()
      fails(r, "SELECT ai_train('t', 'SELECT body, id % 2 FROM t')", "can't be stored in the main database", 'read-only')
      r.close()
      # Another one holds the lock; the transaction around the call ends as the user says.
      d = connect(folder + '/one.db'); d.execute('PRAGMA busy_timeout = 50')
      c.execute('BEGIN IMMEDIATE')
      fails(d, "SELECT ai_train('t', 'SELECT body, id % 2 FROM t')", 'database is locked', 'locked')
      c.execute('COMMIT')
      tell(ask(d) == 'a1', 'still the old one')
      d.close(); c.close()
      # The last connection closes at once, though classifiers were asked.
      e = connect(folder + '/one.db'); tell(ask(e) == 'a1', 'asked again'); e.close()
      """, checks: 5)
  }

  @Test(arguments: ["delete", "wal"]) func everyStatementSeesItsTransactionsCorrections(journal: String)
    throws
  {
    try run(
      """
      c, d = connect(folder + '/one.db'), connect(folder + '/one.db')
      c.execute('PRAGMA journal_mode = \(journal)'); fill(c)
      text = 'What a wonderful day'
      def mood(c): return c.execute('SELECT ai_sentiment(?)', (text,)).fetchone()[0]
      def correct(c, label): c.execute('SELECT ai_feedback(?, ?, ?)', ('ai_sentiment', text, label)).fetchall()
      tell(mood(c) == mood(d) == 'positive', 'as computed')
      # The other connection reads nothing of the database, and does not know the new table.
      correct(c, 'negative'); tell(mood(c) == 'negative' and mood(d) == 'negative', 'corrected')
      correct(d, 'neutral'); tell(mood(c) == 'neutral' and mood(d) == 'neutral', 'corrected by the other one')
      c.execute('BEGIN'); correct(c, 'positive'); tell(mood(c) == 'positive', 'in a transaction')
      if '\(journal)' == 'wal': tell(mood(d) == 'neutral', 'not seen by the other one')
      else: tell(True, 'locked')
      c.execute('ROLLBACK'); tell(mood(c) == 'neutral' and mood(d) == 'neutral', 'rolled back')
      c.execute('DROP TABLE sibyl_feedback'); tell(mood(c) == 'positive' and mood(d) == 'positive', 'dropped')
      # Made and rolled back, made anew by the other one.
      c.execute('BEGIN'); correct(c, 'negative'); c.execute('ROLLBACK')
      tell(mood(c) == 'positive' and mood(d) == 'positive', 'made and rolled back')
      correct(d, 'negative'); tell(mood(c) == 'negative', 'made by the other one')
      # More corrections than are looked up one by one.
      c.execute("INSERT INTO sibyl_feedback SELECT 'ai_sentiment', body, 'neutral', '' FROM t")
      tell(c.execute("SELECT group_concat(DISTINCT ai_sentiment(body)), ai_sentiment('Terrible!') FROM t").fetchone() == ('neutral', 'negative'), 'many')
      # A statement that corrects what it asks.
      rows = c.execute("SELECT ai_sentiment(body), length(ai_feedback('ai_sentiment', body, 'positive')), ai_sentiment(body) FROM t").fetchall()
      tell(set(rows) == {('neutral', 8, 'positive')}, f'within the statement {set(rows)}')
      e = connect(folder + '/two.db'); tell(mood(e) == 'positive', 'another database')
      e.execute("ATTACH '" + folder + "/one.db' AS one"); tell(mood(e) == 'positive', 'attached')
      d.close(); c.close(); e.close()
      """, checks: 13)
  }

  @Test func aFineTuningThatEndsEarlyStoresNothing() throws {
    try run(
      """
      c = connect(folder + '/one.db')
      c.execute('CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) '
                "SELECT 'text ' || i || ' about ' || (i * 7919 % 1009) AS body, 'label ' || (i % 6) AS label FROM n")
      fill(c); train(c, 'a')
      before = c.execute('SELECT * FROM sibyl_classifiers').fetchall()
      for pause in (0.2, 2.0, 4.0):
          timer = threading.Timer(pause, c.interrupt); timer.start()
          fails(c, "SELECT ai_train('t', 'SELECT body, label FROM big', '{\\"method\\":\\"lora\\"}')", 'cancelled', f'after {pause} s')
          timer.join()
      tell(c.execute('SELECT * FROM sibyl_classifiers').fetchall() == before and ask(c) == 'a1', 'as it was')
      c.close()
      """, checks: 4)
  }
}
