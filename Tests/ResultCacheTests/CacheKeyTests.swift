import Foundation
import ResultCache
import TestSupport
import Testing

@Suite struct CacheKeyTests {
  private static let prefix = CacheKeyPrefix(function: "f", revision: 1, model: "m", engine: "e")

  @Test func differentArgumentListsHaveDifferentKeys() {
    // A tiny alphabet, so that any ambiguity of the encoding would show within thousands of lists.
    var generator = SeededGenerator(seed: 1)
    var builder = CacheKeyBuilder(prefix: Self.prefix)
    var seen: [CacheKey: [CachedValue]] = [:]
    var keysOfLists: [[CachedValue]: CacheKey] = [:]
    for _ in 0..<30_000 {
      let list = (0..<Int.random(in: 0...4, using: &generator)).map { _ -> CachedValue in
        let bytes = (0..<Int.random(in: 0...10, using: &generator)).map { _ in
          UInt8.random(in: 0...4, using: &generator)
        }
        switch Int.random(in: 0...4, using: &generator) {
        case 0: return .null
        case 1: return .integer(Int64(bytes.count))
        case 2: return .real(Double(bytes.count))
        case 3: return .text(String(decoding: bytes, as: UTF8.self))
        default: return .blob(bytes)
        }
      }
      for argument in list { builder.append(argument) }
      let key = builder.finish()
      if let other = seen[key] { #expect(other == list) }
      if let other = keysOfLists[list] { #expect(other == key) }
      seen[key] = list
      keysOfLists[list] = key
    }
    #expect(seen.count > 10_000)
  }

  @Test func everyPartOfThePrefixCounts() {
    let prefixes = [
      CacheKeyPrefix(function: "f", revision: 1, model: "m", engine: "e"),
      CacheKeyPrefix(function: "f", revision: 2, model: "m", engine: "e"),
      CacheKeyPrefix(function: "g", revision: 1, model: "m", engine: "e"),
      CacheKeyPrefix(function: "f", revision: 1, model: nil, engine: "e"),
      CacheKeyPrefix(function: "f", revision: 1, model: "", engine: "e"),
      CacheKeyPrefix(function: "f", revision: 1, model: "me", engine: ""),
      CacheKeyPrefix(function: "f", revision: 1, model: "m", engine: "e2"),
    ]
    let keys = prefixes.map { prefix in
      var builder = CacheKeyBuilder(prefix: prefix)
      builder.append(text: "x")
      return builder.finish()
    }
    #expect(Set(keys).count == prefixes.count)
  }

  @Test func textBytesAndStringsAreTheSame() {
    let text = String(repeating: "naïve 文字 ", count: 300)
    var builder = CacheKeyBuilder(prefix: Self.prefix)
    builder.append(text: text)
    let fromString = builder.finish()
    Array(text.utf8).withUnsafeBytes { builder.append(text: $0) }
    #expect(builder.finish() == fromString)
    Array(text.utf8).withUnsafeBytes { builder.append(blob: $0) }
    #expect(builder.finish() != fromString)
  }

  @Test func specialNumbers() {
    var builder = CacheKeyBuilder(prefix: Self.prefix)
    func key(_ real: Double) -> CacheKey {
      builder.append(real)
      return builder.finish()
    }
    #expect(key(.nan) == key(-Double.nan))
    #expect(key(0.0) != key(-0.0))
    #expect(key(.infinity) != key(-.infinity))
    builder.append(Int64.min)
    let smallest = builder.finish()
    builder.append(Int64.max)
    #expect(builder.finish() != smallest)
  }

  /// The encoding is a file format: with another one, every user's cache is lost. The expected row was computed
  /// with Python's hashlib from the description in `CacheKeyPrefix` and `CacheKeyBuilder`.
  @Test func knownAnswer() throws {
    let folder = try TemporaryFolder()
    let cache = makeCache(folder.file)
    var builder = CacheKeyBuilder(
      prefix: CacheKeyPrefix(function: "ai_embed", revision: 3, model: "model", engine: "engine 1"))
    builder.append(text: "héll")
    builder.append(Int64(-7))
    builder.append(0.5)
    builder.appendNull()
    builder.append(blob: [1, 2])
    cache.store(.null, for: builder.finish())
    #expect(cache.flush())
    let file = PlainConnection(folder.file)
    let check = "SELECT hex(substr(entry, 1, 8)) FROM results"
    #expect(file.rows("SELECT key FROM results") == ["-4302824849762649784"])
    #expect(file.rows(check) == ["BE1E0516D909C75E"])
  }
}
