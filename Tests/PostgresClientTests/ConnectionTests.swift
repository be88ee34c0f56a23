import Diagnostics
import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// libpq in Swift's clothes, against a real server.
@Suite(.enabled(if: PostgresPrograms.areInstalled, "\(PostgresPrograms.installHint)"))
struct ConnectionTests {
  private let server: ThrowawayPostgres
  private let connection: PostgresConnection

  init() throws {
    server = try ThrowawayPostgres.shared.get()
    connection = try server.connect()
  }

  @Test func rows() throws {
    let rows = try connection.query(
      "SELECT n AS number, nullif(n, 2)::text AS other FROM generate_series(1, 3) n")
    #expect(rows.rows == [["1", "1"], ["2", nil], ["3", "3"]])
    #expect(rows.columns.map(\.name) == ["number", "other"] && rows.columns.map(\.type) == [23, 25])
    #expect(rows.count == 3 && rows.affectedRows == 3 && rows.commandTag == "SELECT 3")
    #expect(rows[3, 0] == nil && rows[0, 2] == nil && rows[-1, -1] == nil)
    #expect(try connection.query("SELECT 1 WHERE false").first == nil)
    #expect(try connection.query("").count == 0)
    #expect(try connection.query("CREATE TEMPORARY TABLE t (a int)").affectedRows == 0)
    #expect(try connection.query("INSERT INTO t VALUES (1), (2)").affectedRows == 2)
    #expect(connection.serverVersion >= 130_000 && connection.backendProcess > 0)
    #expect(connection.user == "postgres" && connection.database == "postgres")
  }

  @Test func parametersComeBackAsTheyWere() throws {
    let texts: [String?] = [
      "", nil, "NULL", "{a,\"b\"}", "it's \\ a 😀", String(repeating: "x", count: 100_000),
    ]
    let rows = try connection.query(
      """
      SELECT $1::text, $2 + 1, $3, encode($4, 'hex'), $5 = $6::text[], array_length($7, 1), encode($7[2], 'hex'),
        $8 = '{}'::text[], $9::text IS NULL
      """,
      [
        .text("a'b\\c"), .integer(.max - 1), .real(1e-7), .bytes([0, 1, 255]), .texts(texts),
        .text(Self.arrayLiteral(texts)), .byteArrays([[], [0, 0x2C, 0x7D]]), .texts([]), .null,
      ])
    #expect(
      rows.rows == [
        ["a'b\\c", String(Int64.max), "1e-07", "0001ff", "t", "2", "002c7d", "t", "t"]
      ])
  }

  private static func arrayLiteral(_ texts: [String?]) -> String {
    let elements = texts.map { text in
      text.map {
        "\"" + $0.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
          + "\""
      } ?? "NULL"
    }
    return "{" + elements.joined(separator: ",") + "}"
  }

  @Test func nulCharactersAreRefused() throws {
    for parameter in [PostgresParameter.text("a\0b"), .texts(["a", "\0"])] {
      let error = #expect(throws: PostgresError.self) { try connection.query("SELECT $1", [parameter]) }
      #expect(error?.error.message.contains("NUL") == true && error?.error.kind == .invalidArgument)
    }
    #expect(throws: PostgresError.self) { try connection.query("SELECT 1\0") }
    #expect(throws: PostgresError.self) {
      try connection.query("SELECT 1", Array(repeating: .null, count: 65_536))
    }
    #expect(throws: PostgresError.self) { try PostgresDSN("host=a\0b") }
    #expect(try connection.query("SELECT 1").first == "1")
  }

  @Test(arguments: [
    ("SELECT 1/0", "22012", SibylError.Kind.invalidArgument), ("SELEC", "42601", .invalidArgument),
    ("SELECT * FROM nowhere", "42P01", .invalidArgument),
    ("SET statement_timeout = 20; SELECT pg_sleep(5)", "57014", .cancelled),
    ("COPY pg_class TO STDOUT", "0A000", .invalidArgument),
  ]) func errors(sql: String, sqlState: String, kind: SibylError.Kind) throws {
    let error = #expect(throws: PostgresError.self) { try connection.runScript(sql) }
    #expect(error?.sqlState == sqlState && error?.error.kind == kind && error?.isConnectionLost == false)
    #expect(error?.error.message.isEmpty == false)
    // The connection goes on.
    #expect(try connection.query("SELECT 1").first == "1")
    #expect(!connection.isLost && connection.checkIsAlive())
  }

  @Test func detailAndHint() throws {
    let error = #expect(throws: PostgresError.self) {
      try connection.query(
        "DO $$BEGIN RAISE 'no' USING DETAIL = 'why', HINT = 'what to do', ERRCODE = 'XY123'; END$$")
    }
    #expect(error?.detail == "why" && error?.hint == "what to do" && error?.sqlState == "XY123")
    #expect(error?.description == "no\nwhy\nwhat to do")
  }

  @Test func largeAnswersRowByRow() throws {
    var count = 0
    var sum = 0
    try connection.forEachRow("SELECT n, repeat('x', 100) FROM generate_series(1, $1) n", [.integer(50_000)])
    { row in
      count += 1
      sum += Int(row[0] ?? "") ?? 0
      if count == 1 { #expect(row.columns.map(\.name) == ["n", "repeat"] && row[2] == nil) }
      #expect(row.withBytes(of: 1) { $0?.count } == 100)
      return true
    }
    #expect(count == 50_000 && sum == 50_000 * 50_001 / 2)
  }

  @Test func rowByRowStopsAndFails() throws {
    var count = 0
    try connection.forEachRow("SELECT 1 FROM generate_series(1, 100000) a, generate_series(1, 100000) b") {
      _ in
      count += 1
      return count < 10
    }
    #expect(count == 10)
    count = 0
    let error = #expect(throws: PostgresError.self) {
      try connection.forEachRow("SELECT 1 / (n - 50000) FROM generate_series(1, 100000) n") { _ in
        count += 1
        return true
      }
    }
    #expect(error?.sqlState == "22012" && count > 0)
    #expect(try connection.query("SELECT 1").first == "1")
  }

  @Test func transactions() throws {
    try connection.query("CREATE TEMPORARY TABLE t (a int PRIMARY KEY)")
    let inserted = try connection.transaction { () throws(PostgresError) in
      let isInside = connection.isInTransaction
      return (isInside, try connection.query("INSERT INTO t VALUES (1)").affectedRows)
    }
    #expect(inserted == (true, 1))
    #expect(throws: PostgresError.self) {
      try connection.transaction { () throws(PostgresError) in
        try connection.query("INSERT INTO t VALUES (2)")
        try connection.query("INSERT INTO t VALUES (1)")
      }
    }
    // An error that is kept to itself is no success.
    let error = #expect(throws: PostgresError.self) {
      try connection.transaction { () throws(PostgresError) in
        try connection.query("INSERT INTO t VALUES (3)")
        _ = try? connection.query("SELECT 1/0")
      }
    }
    #expect(error?.sqlState == "25P02")
    try connection.transaction { () throws(PostgresError) in
      try connection.query("INSERT INTO t VALUES (4)")
      _ = try? connection.savepoint { () throws(PostgresError) in
        try connection.query("INSERT INTO t VALUES (5)")
        try connection.query("SELECT 1/0")
      }
      try connection.savepoint { () throws(PostgresError) in try connection.query("INSERT INTO t VALUES (6)")
      }
    }
    #expect(try connection.query("SELECT string_agg(a::text, ',' ORDER BY a) FROM t").first == "1,4,6")
    #expect(!connection.isInTransaction)
  }

  @Test func notices() throws {
    var notices: [PostgresNotice] = []
    connection.onNotice = { notices.append($0) }
    try connection.runScript("DO $$BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two' USING HINT = 'so'; END$$")
    #expect(notices.map(\.message) == ["one", "two"] && notices.map(\.severity) == ["NOTICE", "WARNING"])
    #expect(notices.last?.hint == "so" && notices.last?.sqlState == "01000")
    connection.onNotice = nil
    try connection.runScript("DO $$BEGIN RAISE NOTICE 'three'; END$$")
    #expect(notices.count == 2)
  }

  @Test func cancelFromAnotherThread() throws {
    let canceller = try #require(connection.canceller())
    let thread = Thread {
      for _ in 0..<100 {
        usleep(20_000)
        canceller.cancel()
      }
    }
    thread.start()
    let error = #expect(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(60)") }
    #expect(error?.sqlState == "57014" && error?.error.kind == .cancelled)
    #expect(!connection.isLost)
  }

  @Test func aLostConnectionIsNoticed() throws {
    let other = try server.connect()
    #expect(other.checkIsAlive())
    try connection.query(
      "SELECT pg_terminate_backend($1::int, 5000)", [.integer(Int64(other.backendProcess))])
    #expect(!other.checkIsAlive() && other.isLost)
    let error = #expect(throws: PostgresError.self) { try other.query("SELECT 1") }
    #expect(error?.isConnectionLost == true && error?.error.kind == .unavailable)

    // In the middle of a statement.
    let third = try server.connect()
    let process = third.backendProcess
    let lost = #expect(throws: PostgresError.self) {
      try third.query("SELECT pg_terminate_backend($1::int), pg_sleep(60)", [.integer(Int64(process))])
    }
    #expect(lost?.isConnectionLost == true && lost?.sqlState == "57P01" && third.isLost)
  }

  @Test func anUnreachableServerIsToldWithoutThePassword() throws {
    let dsn = try PostgresDSN("postgresql://me:hunter2@127.0.0.1:1/shop")
    let error = #expect(throws: PostgresError.self) { try PostgresConnection(dsn) }
    #expect(error?.sqlState == "08001" && error?.isConnectionLost == true)
    #expect(error?.error.message.hasPrefix("can't connect to postgresql://me@127.0.0.1:1/shop: ") == true)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func passwordsAreCheckedAndNotTold() throws {
    _ = try? connection.query("CREATE ROLE password_user LOGIN PASSWORD 'hunter2'")
    let inside = try server.connect(user: "password_user", password: "hunter2", overTCP: true)
    #expect(inside.user == "password_user" && !"\(inside.dsn)".contains("hunter2"))
    let error = #expect(throws: PostgresError.self) {
      try server.connect(user: "password_user", password: "hunter3", overTCP: true)
    }
    #expect(error?.description.contains("password authentication failed") == true)
    #expect(error?.description.contains("hunter3") == false)
  }
}
