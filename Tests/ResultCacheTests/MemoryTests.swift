import Foundation
import ResultCache
import TestSupport
import Testing

@Suite struct MemoryTests {
  @Test func keepsEveryKindOfValue() {
    let cache = makeCache(nil)
    let values: [CachedValue] = [
      .null, .integer(.min), .integer(.max), .real(-0.0), .real(.infinity), .text(""), .text("a\0b"),
      .text(String(repeating: "x", count: 16)), .text(String(repeating: "x", count: 17)),
      .text("naïve 文字"), .blob([]), .blob([0]), .blob([UInt8](repeating: 7, count: 16)),
      .blob([UInt8](repeating: 7, count: 17)), .blob([UInt8](repeating: 7, count: 100_000)),
    ]
    for (number, value) in values.enumerated() { cache.store(value, for: key(number)) }
    for (number, value) in values.enumerated() { #expect(cache.lookup(key(number)) == value) }
    #expect(cache.lookup(key(values.count)) == nil)
    cache.store(.real(.nan), for: key(99))
    guard case .real(let real)? = cache.lookup(key(99)) else {
      Issue.record("expected a real")
      return
    }
    #expect(real.isNaN)
    let statistics = cache.statistics()
    #expect(statistics.memoryHits == values.count + 1)
    #expect(statistics.misses == 1)
    #expect(statistics.stores == values.count + 1)
    #expect(statistics.fileState == .off)
  }

  @Test func staysWithinItsBytesAndNeverMixesValuesUp() {
    var generator = SeededGenerator(seed: 2)
    let limit = 512 << 10
    let cache = makeCache(nil, memory: limit)
    var model: [Int: CachedValue] = [:]
    var hits = 0
    for step in 0..<60_000 {
      let number = Int.random(in: 0..<5000, using: &generator)
      if Bool.random(using: &generator) {
        // Phases of small and of large values: the arrays must grow and give way again.
        let length = Int.random(in: 0...(step / 10_000 % 2 == 0 ? 20 : 2000), using: &generator)
        let value = CachedValue.blob(
          [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: length))
        cache.store(value, for: key(number))
        model[number] = value
      } else if let value = cache.lookup(key(number)) {
        hits += 1
        if model[number] != value { Issue.record("wrong value for \(number) at step \(step)") }
      }
      if step % 1000 == 0 { #expect(cache.statistics().memoryBytes <= limit) }
    }
    #expect(hits > 1000)
    #expect(cache.statistics().memoryEvictions > 1000)
  }

  @Test func sparesWhatIsUsed() {
    let cache = makeCache(nil, memory: 256 << 10)
    cache.store(entries(0..<50))
    for base in stride(from: 1000, to: 21_000, by: 100) {
      cache.store(entries(base..<base + 100))
      _ = cache.lookup(keys(0..<50))
    }
    #expect(cache.statistics().memoryEvictions > 10_000)
    let kept = cache.lookup(keys(0..<50)).filter { $0 != nil }.count
    #expect(kept >= 45)
    #expect(cache.lookup(key(1500)) == nil)
  }

  @Test func valueLargerThanTheMemoryIsNotKept() {
    let cache = makeCache(nil, memory: 1 << 20)
    cache.store(entries(0..<100))
    cache.store(.blob([UInt8](repeating: 1, count: 4 << 20)), for: key(1000))
    #expect(cache.lookup(key(1000)) == nil)
    #expect(cache.lookup(keys(0..<100)).allSatisfy { $0 != nil })
  }

  @Test func noMemoryAndNoFileStillComputes() throws {
    let cache = makeCache(nil, memory: 0)
    cache.store(value(1), for: key(1))
    #expect(cache.lookup(key(1)) == nil)
    let results = try cache.resolve(keys(0..<3)) { missing in missing.map { .success(value($0)) } }
    #expect(results == (0..<3).map { .success(value($0)) })
    #expect(cache.flush())
  }

  @Test func clearForgetsAll() throws {
    let cache = makeCache(nil)
    cache.store(entries(0..<1000))
    try cache.clear()
    #expect(cache.lookup(keys(0..<1000)).allSatisfy { $0 == nil })
    #expect(cache.statistics().memoryBytes == 0)
    cache.store(entries(0..<10))
    #expect(cache.lookup(key(5)) == value(5))
  }

  @Test func manyThreads() {
    let cache = makeCache(nil, memory: 1 << 20)
    onThreads(8) { thread in
      var generator = SeededGenerator(seed: UInt64(thread))
      for _ in 0..<20_000 {
        let number = Int.random(in: 0..<30_000, using: &generator)
        if let found = cache.lookup(key(number)) {
          if found != value(number) { Issue.record("wrong value for \(number)") }
        } else {
          cache.store(value(number), for: key(number))
        }
      }
    }
    #expect(cache.statistics().memoryBytes <= 1 << 20)
  }
}
