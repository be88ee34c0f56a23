import Foundation
import PostgresWire
import Testing

/// The real psql against the test service.
@Suite(.serialized, .enabled(if: Psql.isInstalled))
struct PsqlTests {
  @Test("psql calls functions and sees rows")
  func calls() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let run = try Psql.run(
      "SELECT echo('grüße ''you''');", "select public.ECHO(E'a\\tb')", "SELECT add(40, 2) AS sum",
      "SELECT * FROM series(3)", "SELECT label(ARRAY['a', NULL, 'b c'])",
      "SELECT embed('{0.1,0.2}'::real[]); SELECT later('x')", port: server.port)
    #expect(run.errors == "")
    #expect(run.status == 0)
    #expect(
      run.output == """
        grüße 'you'
        a\tb
        42
        0|row 0
        1|row 1
        2|row 2
        {a,NULL,"b c"}
        {0.1,0.2}
        x

        """)
  }

  @Test("the default hashing works with libpq, a wrong password and an unknown user look the same")
  func passwords() throws {
    let verifier = try SCRAMVerifier(password: "secret")
    let server = try TestServer { $0.users = ["mary": verifier] }
    defer { server.server.stop() }
    let right = try Psql.run("SELECT 1", port: server.port, password: "secret", user: "mary")
    #expect(right.output == "1\n")
    let wrong = try Psql.run("SELECT 1", port: server.port, password: "guess", user: "mary")
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains(#"FATAL:  password authentication failed for user "mary""#))
    let unknown = try Psql.run("SELECT 1", port: server.port, password: "secret", user: "nobody")
    #expect(unknown.errors.contains(#"FATAL:  password authentication failed for user "nobody""#))
    let text = server.log.all.joined(separator: "\n")
    #expect(text.contains("authentication failed"))
    #expect(!text.contains("secret") && !text.contains("guess"))
  }

  @Test("errors come with SQLSTATE, detail, hint and position")
  func errors() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let run = try Psql.run(
      "SELECT divide(1)", "SELECT missing(1)", "SELECT echo('x') WHERE true", "SELECT echo('still here')",
      port: server.port, options: ["-v", "VERBOSITY=verbose"])
    #expect(run.output == "still here\n")
    #expect(run.errors.contains("ERROR:  22012: division by zero\nDETAIL:  A detail.\nHINT:  A hint.\n"))
    #expect(run.errors.contains("ERROR:  42883: function missing does not exist"))
    #expect(run.errors.contains("ERROR:  42601: syntax error at or near \"WHERE\""))
    #expect(run.errors.contains("LINE 1: SELECT echo('x') WHERE true\n                         ^"))
  }

  @Test("several statements in one string stop at the first error")
  func several() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let run = try Psql.run("SELECT echo('1'); SELECT divide(1); SELECT echo('3')", port: server.port)
    #expect(run.output == "1\n")
    #expect(run.errors.contains("division by zero"))
    #expect(server.service.events.withLock { $0.calls.map(\.name) } == ["echo", "divide"])
    // A syntax error anywhere keeps the whole string from running, as in PostgreSQL.
    let wrong = try Psql.run("SELECT echo('1'); SELEKT", port: server.port)
    #expect(wrong.output == "")
  }

  @Test("COPY is refused and the session lives on")
  func copy() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let run = try Psql.run(
      "COPY t FROM STDIN", "\\copy t to stdout", "SELECT echo('on')", port: server.port,
      options: ["-v", "VERBOSITY=verbose"])
    #expect(run.output == "on\n")
    #expect(run.errors.components(separatedBy: "ERROR:  0A000: COPY is not supported").count == 3)
  }

  @Test("transaction blocks, settings and their errors")
  func sessions() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let run = try Psql.run(
      "BEGIN", "SELECT divide(1)", "SELECT 1", "ROLLBACK", "COMMIT", "SET application_name = 'me'",
      "SHOW application_name", "SHOW server_encoding", "SET client_encoding = 'LATIN1'", "SHOW nothing",
      "SELECT 1.5 AS x, 2", port: server.port, options: ["-v", "VERBOSITY=verbose"])
    #expect(run.output == "BEGIN\nROLLBACK\nCOMMIT\nSET\nme\nUTF8\n")
    #expect(run.errors.contains("25P02: current transaction is aborted"))
    #expect(run.errors.contains("WARNING:  25P01: there is no transaction in progress"))
    #expect(run.errors.contains("0A000: client_encoding must be UTF8 here"))
    #expect(run.errors.contains("42704: unrecognized configuration parameter \"nothing\""))
    #expect(run.errors.contains("42601: syntax error at or near \",\""))
  }

  @Test("another encoding is refused politely at start-up")
  func encoding() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let run = try Psql.run("SELECT 1", port: server.port, environment: ["PGCLIENTENCODING": "LATIN1"])
    #expect(run.status == 2)
    #expect(run.errors.contains("client_encoding must be UTF8"))
  }

  @Test("Ctrl-C ends a long call")
  func interrupt() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let psql = try Psql.start(["SELECT wait()", "SELECT echo('after')"], port: server.port)
    #expect(eventually { server.service.events.withLock { $0.calls.count == 1 } })
    // psql may be about to install its handler; it is asked until it has heard.
    #expect(
      eventually {
        kill(psql.process, SIGINT)
        return server.service.events.withLock { $0.cancelled == 1 }
      })
    let run = try psql.end()
    #expect(run.errors.contains("canceling statement due to user request"))
    #expect(eventually { server.server.sessionCount == 0 })
  }

  @Test("a Unix socket serves psql, with its own permissions, and is removed at the end")
  func unixSocket() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wire-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let server = try TestServer {
      $0.endpoints = [.unixSocket(folder: folder.path, port: 7_777, mode: 0o660)]
    }
    let path = folder.appending(path: ".s.PGSQL.7777").path
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    let run = try Psql.run("SELECT echo('by file')", port: 7_777, host: folder.path)
    #expect(run.output == "by file\n")
    server.server.stop()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}
