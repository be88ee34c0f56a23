import Diagnostics
import Foundation
import ResultCache
import TestSupport
import Testing

/// Files damaged at random places: wrong results never, misses at worst.
@Suite struct DamageTests {
  private static let count = 400

  /// A small cache in one file, checkpointed.
  private func original() throws -> Data {
    let folder = try TemporaryFolder(inMemory: true)
    do {
      let cache = makeCache(folder.file)
      cache.store(entries(0..<Self.count - 4))
      for number in Self.count - 4..<Self.count {
        cache.store(.blob([UInt8](repeating: UInt8(number % 256), count: 9000)), for: key(number))
      }
      #expect(cache.flush())
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file + "-wal"))
    return try Data(contentsOf: URL(fileURLWithPath: folder.file))
  }

  private func expected(_ number: Int) -> CachedValue {
    number < Self.count - 4 ? value(number) : .blob([UInt8](repeating: UInt8(number % 256), count: 9000))
  }

  private func check(_ path: String, _ what: String) {
    let cache = makeCache(path, memory: 0)
    let all = keys(0..<Self.count)
    for (number, found) in cache.lookup(all).enumerated() {
      if let found, found != expected(number) { Issue.record("\(what): wrong value for \(number)") }
    }
    for number in stride(from: 0, to: Self.count, by: 13) {
      if let found = cache.lookup(all[number]), found != expected(number) {
        Issue.record("\(what): wrong value for \(number)")
      }
    }
    cache.store(entries(1000..<1010))
    #expect(cache.flush())
    if let found = cache.lookup(key(1005)), found != value(1005) { Issue.record("\(what): wrong new value") }
    _ = cache.statistics()
  }

  @Test func randomDamage() throws {
    let original = try original()
    var generator = SeededGenerator(seed: 3)
    let folder = try TemporaryFolder(inMemory: true)
    var bypassed = 0
    for round in 0..<200 {
      var bytes = original
      let what: String
      switch round % 4 {
      case 0:
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
        what = "byte \(place)"
      case 1:
        for _ in 0..<64 {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
            in: 0...255, using: &generator)
        }
        what = "64 bytes, round \(round)"
      case 2:
        let length = Int.random(in: 0..<bytes.count, using: &generator)
        bytes = bytes.prefix(length)
        what = "cut off at \(length)"
      default:
        let start = Int.random(in: 0..<bytes.count - 600, using: &generator)
        bytes.replaceSubrange(start..<start + 600, with: [UInt8](repeating: 0, count: 600))
        what = "600 zeros at \(start)"
      }
      let path = folder.path + "/\(round).sqlite3"
      try bytes.write(to: URL(fileURLWithPath: path))
      check(path, what)
      let cache = makeCache(path)
      if cache.statistics().problem != nil { bypassed += 1 }
      // What can be told to be ours can be made new.
      if bytes.count > 100, bytes[68..<72].elementsEqual(original[68..<72]), (try? cache.clear()) != nil {
        cache.store(entries(0..<10))
        #expect(cache.flush())
        #expect(makeCache(path).lookup(key(3)) == value(3), "after clear: \(what)")
      }
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }
    #expect(bypassed > 10)
  }

  @Test func damagedEntriesAreMissesAndAreReplaced() throws {
    let folder = try TemporaryFolder(inMemory: true)
    do {
      let cache = makeCache(folder.file)
      cache.store(entries(0..<10))
      #expect(cache.flush())
    }
    // SQLite itself sees nothing wrong with these.
    let file = PlainConnection(folder.file)
    file.execute("UPDATE results SET entry = CAST(substr(entry, 1, length(entry) - 1) || 'x' AS BLOB)")
    file.execute("UPDATE results SET entry = 'text' WHERE key = (SELECT min(key) FROM results)")
    file.execute("UPDATE results SET entry = x'' WHERE key = (SELECT max(key) FROM results)")
    let cache = makeCache(folder.file, memory: 0)
    #expect(cache.lookup(keys(0..<10)).allSatisfy { $0 == nil })
    #expect(cache.statistics().damagedEntries == 10)
    #expect(cache.statistics().misses == 10)
    cache.store(entries(0..<10))
    #expect(cache.flush())
    #expect(cache.lookup(keys(0..<10)) == (0..<10).map { value($0) })
    #expect(cache.statistics().diskEntries == 10)
    #expect(file.rows("SELECT bytes FROM totals").count == 1)
  }

  @Test func damagedLogLosesOnlyWhatItHeld() throws {
    let folder = try TemporaryFolder(inMemory: true)
    let cache = makeCache(folder.file)
    cache.store(entries(0..<100))
    #expect(cache.flush())
    // A copy as a crash would leave it, its log damaged.
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder.file + suffix, toPath: folder.path + "/copy" + suffix)
    }
    var log = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/copy-wal"))
    log[log.count / 2] ^= 0xff
    try log.write(to: URL(fileURLWithPath: folder.path + "/copy-wal"))
    let copy = makeCache(folder.path + "/copy", memory: 0)
    for (number, found) in copy.lookup(keys(0..<100)).enumerated() {
      #expect(found == nil || found == value(number))
    }
    copy.store(entries(0..<100))
    #expect(copy.flush())
    #expect(copy.lookup(key(50)) == value(50))
  }
}
