import Foundation
import TestSupport
import Testing

/// Whatever is wrong with the cache's file, queries answer.
@Suite struct CacheFaultTests {
  private static let query = "SELECT length(ai_embed('one')), length(ai_embed('two')); SELECT 'alive';"
  private static let answer = "1536|1536\nalive\n"

  private func run(cache: String, preparation: String = "true", _ sql: String = query) throws
    -> SQLiteShell.Output
  {
    try SQLiteShell(environment: ["SIBYL_CACHE": cache], preparation: preparation).run(sql)
  }

  @Test func folderThatCannotBeWritten() throws {
    // Not even the superuser creates files there.
    let output = try run(cache: "/proc/sibyl/cache.sqlite3")
    #expect(output.text == Self.answer)
    #expect(output.errors.contains("/proc/sibyl/cache.sqlite3"))
  }

  @Test func readOnlyFile() throws {
    let scratch = try TemporaryFolder()
    let cache = scratch["cache.sqlite3"]
    _ = try run(cache: cache)
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: cache)
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: scratch.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: scratch.path) }
    #expect(try run(cache: cache).text == Self.answer)
  }

  @Test func fullDisk() throws {
    let scratch = try TemporaryFolder()
    // No file of the process may grow beyond 4 KiB, and the signal that would kill it is ignored: what is left
    // is a write that fails, as on a full disk.
    let output = try run(cache: scratch["cache.sqlite3"], preparation: "trap '' XFSZ; ulimit -f 8")
    #expect(output.text == Self.answer)
  }

  @Test func lockedFile() throws {
    let scratch = try TemporaryFolder()
    let cache = scratch["cache.sqlite3"]
    _ = try run(cache: cache)
    let holder = SQLiteShell(database: cache)
    let isHeld = scratch["held"]
    let lock = Thread {
      _ = try? holder.run(
        "PRAGMA locking_mode=EXCLUSIVE;\nBEGIN EXCLUSIVE;\n.system touch \(isHeld); sleep 2\nCOMMIT;",
        loads: false)
    }
    lock.start()
    while !FileManager.default.fileExists(atPath: isHeld) { usleep(10_000) }
    #expect(try run(cache: cache).text == Self.answer)
  }

  @Test func corruptFiles() throws {
    let scratch = try TemporaryFolder()
    let cache = scratch["cache.sqlite3"]
    _ = try run(cache: cache)
    let good = try Data(contentsOf: URL(filePath: cache))
    var damaged = good
    for offset in stride(from: 100, to: damaged.count, by: 7) { damaged[offset] ^= 0x5A }
    let files = [
      Data("this is no database, and it is long enough to be looked at".utf8),
      Data(repeating: 0, count: 8192),
      good.prefix(good.count / 2), damaged,
    ]
    for file in files {
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: cache + suffix) }
      try file.write(to: URL(filePath: cache))
      let output = try run(cache: cache)
      #expect(output.text == Self.answer)
      #expect(output.status == 0)
    }
  }

  @Test func twoProcessesShareOneFile() async throws {
    let scratch = try TemporaryFolder()
    let cache = scratch["cache.sqlite3"]
    let sql =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) "
      + "SELECT sum(length(ai_embed('text number ' || i))), hex(ai_embed('text number 7')) FROM n;"
    let outputs = try await withThrowingTaskGroup(of: SQLiteShell.Output.self) { group in
      for _ in 1...2 {
        group.addTask { try SQLiteShell(environment: ["SIBYL_CACHE": cache]).run(sql) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outputs.count == 2 && outputs[0].text == outputs[1].text)
    #expect(outputs.allSatisfy { $0.errors.isEmpty && $0.text.hasPrefix("92160|") })
    let later = try run(cache: cache, sql + "SELECT json_extract(ai_cache_stats(), '$.misses');")
    #expect(later.text == outputs[0].text + "0\n")
    let check = try SQLiteShell(database: cache).run("PRAGMA integrity_check;", loads: false)
    #expect(check.text == "ok\n")
  }
}
