import CSQLite
import Diagnostics
import Foundation
import ResultCache
import TestSupport
import Testing

@Suite struct FileTests {
  @Test func keepsEveryKindOfValueAcrossInstances() throws {
    let folder = try TemporaryFolder()
    let values: [CachedValue] = [
      .null, .integer(.min), .integer(42), .real(-0.0), .real(.infinity), .text(""), .text("a\0b"),
      .text("naïve 文字"), .blob([]), .blob([0]), .blob([UInt8](repeating: 7, count: 5000)),
      .text(String(repeating: "long ", count: 1 << 20)),
    ]
    do {
      let cache = makeCache(folder.file)
      for (number, value) in values.enumerated() { cache.store(value, for: key(number)) }
      #expect(cache.flush())
    }
    let again = makeCache(folder.file)
    for (number, value) in values.enumerated() { #expect(again.lookup(key(number)) == value) }
    let batched = makeCache(folder.file, memory: 0)
    #expect(batched.lookup(keys(0..<values.count)) == values.map { Optional($0) })
    let statistics = batched.statistics()
    #expect(statistics.diskHits == values.count)
    #expect(statistics.diskEntries == values.count)
    #expect(statistics.diskBytes > 5 << 20)
    #expect(statistics.fileState == .ready)
    #expect(statistics.problem == nil)
  }

  @Test func batchesOfEverySizeFindTheSame() throws {
    let folder = try TemporaryFolder()
    let writer = makeCache(folder.file)
    writer.store(entries(0..<20_000))
    #expect(writer.flush())
    for size in [1, 7, 300, 5000, 30_000] {
      let cache = makeCache(folder.file, memory: 0)
      // Some present, some not, some twice.
      let numbers = (0..<size).map { $0 * 7919 % 40_000 } + [5, 5]
      let found = cache.lookup(numbers.map { key($0) })
      #expect(found == numbers.map { $0 < 20_000 ? value($0) : nil })
      #expect(cache.statistics().misses == numbers.filter { $0 >= 20_000 }.count)
    }
  }

  @Test func hugeValueIsLeftOut() throws {
    let folder = try TemporaryFolder()
    let cache = makeCache(folder.file, memory: 1 << 20)
    cache.store(.blob([UInt8](repeating: 1, count: ResultCache.largestValue + 1)), for: key(1))
    cache.store(.blob([UInt8](repeating: 2, count: 20 << 20)), for: key(2))
    cache.store(value(3), for: key(3))
    #expect(cache.flush())
    #expect(cache.lookup(key(1)) == nil)
    #expect(cache.lookup(key(2))?.byteCount == 20 << 20)
    #expect(cache.lookup(key(3)) == value(3))
  }

  @Test func onlyTheOwnerMayRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/new/deeper/cache.sqlite3"
    let cache = makeCache(path)
    cache.store(value(1), for: key(1))
    #expect(cache.flush())
    func mode(_ path: String) -> UInt32 {
      var status = stat()
      return stat(path, &status) == 0 ? UInt32(status.st_mode) & 0o777 : 0
    }
    #expect(mode(path) == 0o600)
    #expect(mode(path + "-wal") == 0o600)
    #expect(mode(folder.path + "/new") == 0o700)
    #expect(mode(folder.path + "/new/deeper") == 0o700)
  }

  @Test func nothingIsCreatedBeforeItIsNeeded() throws {
    let folder = try TemporaryFolder()
    let cache = makeCache(folder.file)
    #expect(cache.statistics().fileState == .unopened)
    #expect(!FileManager.default.fileExists(atPath: folder.file))
  }

  @Test func twoCachesOnOneFile() throws {
    let folder = try TemporaryFolder()
    let caches = [makeCache(folder.file), makeCache(folder.file)]
    onThreads(4) { thread in
      let cache = caches[thread % 2]
      for base in stride(from: thread * 1000, to: thread * 1000 + 3000, by: 100) {
        cache.store(entries(base..<base + 100))
        _ = cache.lookup(keys(base..<base + 200))
      }
    }
    for cache in caches { #expect(cache.flush()) }
    let reader = makeCache(folder.file, memory: 0)
    #expect(reader.lookup(keys(0..<6000)) == (0..<6000).map { value($0) })
    #expect(reader.statistics().diskEntries == 6000)
  }

  @Test func clearWhileAnotherUsesTheFile() throws {
    let folder = try TemporaryFolder()
    let other = makeCache(folder.file, memory: 0)
    let cache = makeCache(folder.file)
    cache.store(entries(0..<5000))
    #expect(cache.flush())
    #expect(other.lookup(key(1)) == value(1))
    let before = cache.statistics().diskBytes
    try cache.clear()
    #expect(cache.lookup(key(1)) == nil)
    #expect(other.lookup(key(1)) == nil)
    #expect(cache.statistics().diskEntries == 0)
    #expect(cache.statistics().diskBytes < before / 4)
    other.store(entries(0..<10))
    #expect(other.flush())
    #expect(cache.lookup(key(7)) == value(7))
  }

  @Test func removedFileIsMadeAnew() throws {
    let folder = try TemporaryFolder()
    let cache = makeCache(folder.file, memory: 0)
    cache.store(entries(0..<10))
    #expect(cache.flush())
    for suffix in ["", "-wal", "-shm"] { unlink(folder.file + suffix) }
    cache.store(entries(10..<20))
    #expect(cache.flush())
    let reader = makeCache(folder.file)
    #expect(reader.lookup(key(15)) == value(15))
    #expect(reader.lookup(key(5)) == nil)
  }

  @Test func evictsTheOldestAndStaysWithinItsSize() throws {
    let folder = try TemporaryFolder()
    let limit = 2 << 20
    let cache = makeCache(folder.file, disk: limit, memory: 0)
    for base in stride(from: 0, to: 60_000, by: 1000) {
      cache.store(entries(base..<base + 1000))
      #expect(cache.flush())
    }
    let statistics = cache.statistics()
    #expect(statistics.diskEvictions > 10_000)
    #expect(statistics.problem == nil)
    var status = stat()
    #expect(stat(folder.file, &status) == 0)
    #expect(Int(status.st_size) <= limit)
    let newest = cache.lookup(keys(58_000..<60_000)).filter { $0 != nil }.count
    let oldest = cache.lookup(keys(0..<2000)).filter { $0 != nil }.count
    #expect(newest == 2000)
    #expect(oldest == 0)
    // The totals are right after all that.
    let file = PlainConnection(folder.file)
    #expect(file.rows("SELECT entries FROM totals") == file.rows("SELECT count(*) FROM results"))
    #expect(file.rows("SELECT bytes FROM totals") == file.rows("SELECT sum(length(entry)+24) FROM results"))
    #expect(file.rows("PRAGMA integrity_check") == ["ok"])
  }

  @Test func largeValuesMakeRoomAtTheHardLimit() throws {
    let folder = try TemporaryFolder()
    let cache = makeCache(folder.file, disk: 4 << 20, memory: 0)
    let big = [UInt8](repeating: 9, count: 700_000)
    for number in 0..<20 {
      cache.store(.blob(big), for: key(number))
      #expect(cache.flush())
    }
    #expect(cache.lookup(key(19)) == .blob(big))
    #expect(cache.lookup(key(0)) == nil)
    var status = stat()
    #expect(stat(folder.file, &status) == 0)
    #expect(Int(status.st_size) <= 4 << 20)
  }

  @Test func valueLargerThanTheFileMayBeIsReportedAndBypassed() throws {
    let folder = try TemporaryFolder()
    let log = ReportLog()
    let cache = makeCache(folder.file, disk: 1 << 20, memory: 256 << 20, log: log)
    cache.store(.blob([UInt8](repeating: 9, count: 3 << 20)), for: key(1))
    #expect(cache.flush())
    #expect(cache.statistics().problem?.kind == .full)
    #expect(cache.statistics().unsavedStores == 1)
    #expect(log.lines.count == 1)
    #expect(cache.lookup(key(1)) != nil)
  }
}
