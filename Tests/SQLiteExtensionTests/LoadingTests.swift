import Foundation
import TestSupport
import Testing

/// The extension in its hosts: the shell and Python's sqlite3 module.
@Suite struct LoadingTests {
  @Test func loadedAndNeverUsed() throws {
    #expect(try SQLiteShell().run("SELECT 1;") == SQLiteShell.Output(text: "1\n", errors: "", status: 0))
  }

  @Test func loadedTwiceOnOneConnection() throws {
    let output = try SQLiteShell().run(
      "SELECT ai_version() LIKE 'sibyl %';\n.load \(SQLiteShell.library)\nSELECT ai_version() LIKE 'sibyl %';"
    )
    #expect(output == SQLiteShell.Output(text: "1\n1\n", errors: "", status: 0))
  }

  /// The host calls `exit` on one thread while another is inside a query: row by row (the caller's thread and
  /// its team compute) and in a batch (the engine's workers compute). Nothing may crash or hang.
  @Test(arguments: ["row by row", "batch"])
  func hostExitsInTheMiddleOfAQuery(way: String) throws {
    let script = """
      import ctypes, json, sqlite3, sys, threading, time
      library, way, delay = sys.argv[1], sys.argv[2], int(sys.argv[3])
      c = sqlite3.connect(':memory:', check_same_thread=False)
      c.enable_load_extension(True)
      c.load_extension(library)
      c.execute('CREATE TABLE texts AS SELECT value || ? AS text FROM json_each(?)',
                (' words to read, and some more of them', json.dumps(list(range(20000)))))
      rows = 'SELECT ai_embed(text) FROM texts'
      is_warm = threading.Event()
      def work():
          c.execute("SELECT ai_embed('warm')").fetchall()
          is_warm.set()
          if way == 'batch': c.execute('SELECT ai_prefetch(?)', (rows,)).fetchall()
          else: c.execute(rows).fetchall()
          print('the query came to its end', flush=True)
      threading.Thread(target=work).start()
      is_warm.wait()
      time.sleep(delay / 1000)
      ctypes.CDLL(None).exit(7)
      """
    for delay in [0, 1, 5, 20, 50, 100] {
      let end = try Python.end(of: script, arguments: [SQLiteShell.library, way, String(delay)])
      #expect(end.status == 7 && end.output.isEmpty, "after \(delay) ms: \(end)")
    }
  }

  @Test func severalConnectionsAndThreadsInPython() throws {
    let script = """
      import sqlite3, sys, threading
      library, failures, answers = sys.argv[1], [], set()
      def connection():
          c = sqlite3.connect(':memory:', check_same_thread=False)
          c.enable_load_extension(True)
          c.load_extension(library)
          return c
      kept = connection()
      def work(number):
          try:
              for turn in range(3):
                  c = connection()
                  c.load_extension(library)
                  rows = c.execute("SELECT hex(ai_embed('text ' || (value % 5))) FROM json_each(?)",
                                   (str(list(range(20))),)).fetchall()
                  answers.add(str(rows))
                  try:
                      c.execute("SELECT ai_embed(x'00')").fetchall()
                      failures.append('a blob was taken for text')
                  except sqlite3.OperationalError as error:
                      if 'must be text' not in str(error): failures.append(str(error))
                  c.close()
          except Exception as error:
              failures.append(repr(error))
      threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
      for t in threads: t.start()
      for t in threads: t.join()
      print(len(answers), failures, kept.execute("SELECT length(ai_embed('text 1'))").fetchall())
      """
    let output = try Python.run(script, arguments: [SQLiteShell.library])
    #expect(output == "1 [] [(1536,)]\n")
  }

  /// Python hands over texts and blobs that the shell can't write.
  @Test func pythonValues() throws {
    let script = """
      import sqlite3, sys
      c = sqlite3.connect(':memory:'); c.enable_load_extension(True); c.load_extension(sys.argv[1])
      one = lambda sql, *a: c.execute(sql, a).fetchone()[0]
      print(one('SELECT length(ai_embed(?))', 'a\\0b'), one('SELECT ai_embed(?) IS NULL', None),
            one('SELECT ai_embed(?) = ai_embed(?)', 3, '3'),
            one('SELECT ai_similarity(?, ai_embed(?)) > 0.99', one('SELECT ai_embed(?)', 'café'), 'café'))
      for value in (b'abc', bytearray(4)):
          try: one('SELECT ai_embed(?)', value)
          except sqlite3.OperationalError as error: print(error)
      """
    let output = try Python.run(script, arguments: [SQLiteShell.library])
    let lines = output.split(separator: "\n")
    #expect(lines.count == 3 && lines[0] == "1536 1 1 1")
    #expect(
      lines.dropFirst().allSatisfy { $0.hasPrefix("ai_embed: argument 1 (text) must be text; got a blob") })
  }
}

/// A Python whose sqlite3 module loads extensions.
enum Python {
  static func run(_ script: String, arguments: [String]) throws -> String {
    try end(of: script, arguments: arguments).output
  }

  /// What a script printed, and its exit status (a signal's number where one ended it).
  static func end(of script: String, arguments: [String]) throws -> (
    output: String, complaints: String, status: Int32
  ) {
    if let missing = SQLiteShell.missing() { throw SQLiteShell.Unavailable(reason: missing) }
    let scratch = try TemporaryFolder()
    try scratch.write("script.py", script.utf8)
    let output = try scratch.write("out", [])
    let complaints = try scratch.write("err", [])
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [scratch["script.py"]] + arguments
    var variables = ProcessInfo.processInfo.environment
    variables["SIBYL_CACHE"] = scratch["cache.sqlite3"]
    process.environment = variables
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: complaints))
    try process.run()
    process.waitUntilExit()
    return (
      try String(contentsOfFile: output, encoding: .utf8),
      try String(contentsOfFile: complaints, encoding: .utf8), process.terminationStatus
    )
  }
}
