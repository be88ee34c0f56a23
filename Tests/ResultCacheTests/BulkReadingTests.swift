import Foundation
import ResultCache
import TestSupport
import Testing

@Suite struct BulkReadingTests {
  /// Single lookups on a shared snapshot find what they would find without one, and see new results once the
  /// snapshot is renewed or let go.
  @Test func sharesASnapshotForAWhile() throws {
    let folder = try TemporaryFolder()
    let writer = makeCache(folder.file)
    writer.store(entries(0..<6_000))
    #expect(writer.flush())

    let reader = makeCache(folder.file, memory: 0)
    reader.beginBulkReading()
    for number in 0..<100 { #expect(reader.lookup(key(number)) == value(number)) }
    #expect(reader.lookup(key(7_000)) == nil)

    // Another process may write meanwhile.
    writer.store(entries(6_000..<8_000))
    #expect(writer.flush())
    for number in 0..<6_000 { #expect(reader.lookup(key(number)) == value(number)) }
    #expect(reader.lookup(key(7_000)) == value(7_000))
    // A batch has a snapshot of its own.
    #expect(reader.lookup(keys(7_998..<8_001)) == [value(7_998), value(7_999), nil])

    reader.endBulkReading()
    writer.store(entries(8_000..<8_001))
    #expect(writer.flush())
    #expect(reader.lookup(key(8_000)) == value(8_000))
  }

  /// Nothing that is held keeps the log from being folded into the file.
  @Test func letsGoAtTheEnd() throws {
    let folder = try TemporaryFolder()
    let writer = makeCache(folder.file)
    writer.store(entries(0..<10))
    #expect(writer.flush())
    let reader = makeCache(folder.file, memory: 0)
    reader.beginBulkReading()
    reader.beginBulkReading()
    #expect(reader.lookup(key(1)) == value(1))
    reader.endBulkReading()
    reader.endBulkReading()
    writer.store(entries(10..<20))
    #expect(writer.flush())
    // The first column says whether something was in the way.
    #expect(PlainConnection(folder.file).rows("PRAGMA wal_checkpoint(TRUNCATE)") == ["0"])
  }

  /// A query that goes through a table row by row shares a snapshot without anybody saying so, and holds
  /// nothing once it has ended.
  @Test func noticesABurstOfLookups() throws {
    let folder = try TemporaryFolder()
    let writer = makeCache(folder.file)
    writer.store(entries(0..<6_000))
    #expect(writer.flush())
    let reader = makeCache(folder.file, memory: 0)
    for number in 0..<6_000 { #expect(reader.lookup(key(number)) == value(number)) }
    writer.store(entries(6_000..<6_010))
    #expect(writer.flush())
    let connection = PlainConnection(folder.file)
    var isFree = false
    for _ in 0..<500 where !isFree {
      isFree = connection.rows("PRAGMA wal_checkpoint(TRUNCATE)") == ["0"]
      if !isFree { usleep(10_000) }
    }
    #expect(isFree)
    #expect(reader.lookup(key(6_005)) == value(6_005))
  }

  /// A query that wants most of a file reads it in order, and finds what it would find key by key.
  @Test func readsAhead() throws {
    let folder = try TemporaryFolder()
    let writer = makeCache(folder.file)
    writer.store(entries(0..<30_000))
    #expect(writer.flush())

    let reader = makeCache(folder.file)
    reader.beginBulkReading()
    for number in 0..<30_000 { #expect(reader.lookup(key(number)) == value(number)) }
    #expect(reader.lookup(key(30_000)) == nil)
    reader.endBulkReading()
    let statistics = reader.statistics()
    #expect(statistics.memoryEntries == 30_000)
    #expect(statistics.diskHits < 15_000)
    #expect(statistics.memoryHits + statistics.diskHits == 30_000)
    #expect(statistics.damagedEntries == 0)

    // A few lookups in a large file are worth no reading ahead.
    let other = makeCache(folder.file)
    other.beginBulkReading()
    for number in 0..<200 { #expect(other.lookup(key(number)) == value(number)) }
    other.endBulkReading()
    #expect(other.statistics().memoryEntries == 200)

    // A memory that is too small for it is left to what is asked for.
    let small = makeCache(folder.file, memory: 1 << 19)
    small.beginBulkReading()
    for number in 0..<30_000 { #expect(small.lookup(key(number)) == value(number)) }
    small.endBulkReading()
    #expect(small.statistics().diskHits > 20_000)
  }
}
