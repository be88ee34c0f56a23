import CSQLite
import Diagnostics
import Foundation
import ResultCache
import TestSupport
import Testing

/// Whatever is wrong with the file, results are computed, kept in memory, and the trouble is told once.
@Suite struct BypassTests {
  private func expectBypass(
    _ path: String, _ kind: CacheProblem.Kind, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let log = ReportLog()
    let cache = makeCache(path, log: log)
    for _ in 0..<3 {
      let results = try cache.resolve(keys(0..<100)) { missing in missing.map { .success(value($0)) } }
      #expect(results[99] == .success(value(99)), sourceLocation: sourceLocation)
    }
    _ = cache.flush()
    let statistics = cache.statistics()
    #expect(statistics.problem?.kind == kind, sourceLocation: sourceLocation)
    #expect(statistics.fileState == .bypassed, sourceLocation: sourceLocation)
    #expect(statistics.memoryHits >= 200, sourceLocation: sourceLocation)
    #expect(statistics.unsavedStores == 100, sourceLocation: sourceLocation)
    #expect(log.lines.count == 1, sourceLocation: sourceLocation)
    #expect(log.lines.first?.contains(path) == true, sourceLocation: sourceLocation)
  }

  @Test func folderThatCannotBeMade() throws {
    let folder = try TemporaryFolder()
    // Below a file there is no folder, not even for root.
    try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
    try expectBypass(folder.path + "/file/cache.sqlite3", .unusable)
  }

  @Test func folderInPlaceOfTheFile() throws {
    let folder = try TemporaryFolder()
    try expectBypass(folder.path, .unusable)
  }

  @Test func pseudoFile() throws {
    try expectBypass("/dev/null", .unusable)
  }

  @Test func fileOfAnotherProgram() throws {
    let folder = try TemporaryFolder()
    do {
      let plain = PlainConnection(folder.file)
      plain.execute("CREATE TABLE customers(name); INSERT INTO customers VALUES('Ada')")
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.file))
    try expectBypass(folder.file, .foreign)
    #expect(throws: SibylError.self) { try makeCache(folder.file).clear() }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == before)
  }

  @Test func fileThatIsNoDatabase() throws {
    let folder = try TemporaryFolder()
    for text in ["x", "a letter to my mother", String(repeating: "a long letter ", count: 1000)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file))
      try expectBypass(folder.file, .foreign)
      #expect(throws: SibylError.self) { try makeCache(folder.file).clear() }
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == Data(text.utf8))
    }
  }

  @Test func fileOfANewerVersion() throws {
    let folder = try TemporaryFolder()
    do {
      let cache = makeCache(folder.file)
      cache.store(value(1), for: key(1))
      #expect(cache.flush())
    }
    PlainConnection(folder.file).execute("PRAGMA user_version=99")
    try expectBypass(folder.file, .newer)
  }

  @Test func schemaWithSurprises() throws {
    let folder = try TemporaryFolder()
    do {
      let cache = makeCache(folder.file)
      cache.store(value(1), for: key(1))
      #expect(cache.flush())
    }
    PlainConnection(folder.file).execute(
      "CREATE TRIGGER surprise AFTER INSERT ON results BEGIN DELETE FROM totals; END")
    try expectBypass(folder.file, .damaged)
    // It still is ours, so it can be made anew.
    let cache = makeCache(folder.file)
    try cache.clear()
    cache.store(value(2), for: key(2))
    #expect(cache.flush())
    #expect(makeCache(folder.file).lookup(key(2)) == value(2))
  }

  @Test func writeLockHeldByAnother() throws {
    let folder = try TemporaryFolder()
    let log = ReportLog()
    let cache = makeCache(folder.file, log: log)
    cache.store(entries(0..<10))
    #expect(cache.flush())
    let other = PlainConnection(folder.file)
    #expect(other.execute("BEGIN IMMEDIATE") == SQLITE_OK)
    cache.store(entries(10..<20))
    // Reading goes on meanwhile, also from a new connection.
    #expect(makeCache(folder.file, memory: 0).lookup(key(5)) == value(5))
    #expect(cache.lookup(key(15)) == value(15))
    other.execute("COMMIT")
    #expect(cache.flush())
    #expect(makeCache(folder.file).lookup(key(15)) == value(15))
    #expect(log.lines.isEmpty)
    // And where it is held for too long, the results are let go.
    #expect(other.execute("BEGIN IMMEDIATE") == SQLITE_OK)
    cache.store(entries(20..<30))
    #expect(cache.flush())
    #expect(cache.statistics().problem?.kind == .locked)
    #expect(cache.statistics().unsavedStores == 10)
    #expect(log.lines.count == 1)
    other.execute("COMMIT")
  }

  @Test func readLockHeldByAnother() throws {
    let folder = try TemporaryFolder()
    do {
      let cache = makeCache(folder.file)
      cache.store(entries(0..<10))
      #expect(cache.flush())
    }
    let other = PlainConnection(folder.file)
    other.execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; UPDATE totals SET id=id; COMMIT")
    let log = ReportLog()
    let cache = makeCache(folder.file, log: log)
    for _ in 0..<1000 { #expect(cache.lookup(key(1)) == nil) }
    #expect(cache.statistics().problem?.kind == .locked)
    #expect(log.lines.count == 1)
  }
}
