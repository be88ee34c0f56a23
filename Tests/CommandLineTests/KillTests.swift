import Foundation
import TestSupport
import Testing

/// SIGKILL at random moments, then the same command: nothing that was saved is computed again, the result is that of an
/// undisturbed run, and the database is never half written.
@Suite struct KillTests {
  private static let texts = 12_000
  private static let kills = 50

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var notes = "id,body\n"
    for id in 1...Self.texts {
      notes += "\(id),parcel number \(id) arrived \(id % 3 == 0 ? "broken" : "in time")\n"
    }
    try folder.write("notes.csv", notes.utf8)
    let made = try run("run", "--csv", "notes.csv", "notes.db", "CREATE TABLE n AS SELECT * FROM notes")
    try #require(made.status == 0, "\(made.errors)")
  }

  private func run(_ arguments: String..., cache: String = "cache.sqlite3") throws -> CommandRun {
    try CommandRun.Started(arguments, in: folder, environment: ["SIBYL_CACHE": folder[cache]]).end()
  }

  private func csv(_ sql: String, cache: String = "cache.sqlite3") throws -> String {
    let read = try run("run", "-q", "notes.db", sql, "-o", "csv", cache: cache)
    #expect(read.status == 0, "\(read.errors)")
    return read.output.replacing("\r\n", with: "\n")
  }

  /// Starts a command again and again, and kills it each time.
  ///
  /// - Returns: the runs that ended before they were killed.
  private func kill(
    _ program: String, _ arguments: [String], times: Int, within microseconds: UInt32,
    _ generator: inout SeededGenerator, afterEach check: () throws -> Void
  ) throws -> [CommandRun] {
    var ended: [CommandRun] = []
    for _ in 0..<times {
      let started = try CommandRun.Started(arguments, program: program, in: folder)
      usleep(UInt32.random(in: 0..<microseconds, using: &generator))
      Foundation.kill(started.process, SIGKILL)
      let run = try started.end()
      if run.status != 128 + SIGKILL {
        #expect(run.status == 0, "\(run.errors)")
        ended.append(run)
      }
      try check()
    }
    return ended
  }

  private static let moods = "SELECT id, ai_sentiment(body) AS mood FROM n"
  private static let entries = "SELECT ai_cache_stats() ->> 'entries' AS entries"

  private func entries() throws -> Int {
    try #require(Int(csv(Self.entries).split(separator: "\n").last.map(String.init) ?? ""))
  }

  @Test func aRunThatIsKilledLosesNothing() throws {
    var generator = SeededGenerator(seed: 50)
    let job = ["run", "-q", "notes.db", "CREATE TABLE mood AS \(Self.moods)"]
    // The table is there and whole, or it is not there.
    let check: () throws -> Void = {
      let tables = try csv("SELECT count(*) AS c FROM sqlite_schema WHERE name = 'mood'")
      guard tables != "c\n0\n" else { return }
      #expect(
        try csv("SELECT count(*) AS c, count(mood) AS m FROM mood") == "c,m\n\(Self.texts),\(Self.texts)\n")
      _ = try csv("DROP TABLE mood")
    }
    // Most moments are while it computes; once all is cached, the rest are while it reads and writes.
    var kills = 0
    while kills < Self.kills {
      let isCached = try entries() == Self.texts
      let ended = try kill(
        CommandRun.command, job, times: 5, within: isCached ? 120_000 : 500_000, &generator, afterEach: check)
      kills += 5 - ended.count
    }
    let before = try entries()
    let last = try run("run", "notes.db", job[3])
    #expect(last.status == 0, "\(last.errors)")
    #expect(last.errors.contains(", \(before * 100 / Self.texts)% cached"), "\(before): \(last.errors)")
    let found = try csv("SELECT id, mood FROM mood ORDER BY id")
    #expect(try csv("\(Self.moods) ORDER BY id", cache: "other.sqlite3") == found)
    #expect(try csv("PRAGMA integrity_check") == "integrity_check\nok\n")
  }

  @Test func aPrefetchThatIsKilledLosesNothing() throws {
    var generator = SeededGenerator(seed: 51)
    let shell = try #require(StockShell.path, "there is no sqlite3 shell; run: make setup")
    let extensionPath =
      ProcessInfo.processInfo.environment["SIBYL_EXTENSION"] ?? CommandRun.package + "/build/sibyl.so"
    let statement = "SELECT ai_prefetch('\(Self.moods)') ->> 'cached'"
    let job = ["-batch", "notes.db", ".load \(extensionPath.replacing(".so", with: ""))", statement]
    var kills = 0
    var most = 0
    while kills < Self.kills {
      let isCached = try entries() == Self.texts
      let ended = try kill(
        shell, job, times: 5, within: isCached ? 60_000 : 500_000, &generator,
        afterEach: {
          // What is saved stays saved.
          let now = try entries()
          #expect(now >= most)
          most = now
        })
      kills += 5 - ended.count
    }
    let before = try entries()
    let last = try CommandRun.Started(job, program: shell, in: folder).end()
    #expect(last.output == "\(before)\n", "\(last.errors)")
    #expect(try csv("\(Self.moods) ORDER BY id") == csv("\(Self.moods) ORDER BY id", cache: "other.sqlite3"))
  }
}
