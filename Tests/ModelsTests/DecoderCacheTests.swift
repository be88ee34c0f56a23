import Diagnostics
import Models
import Tensor
import TestSupport
import Testing

@Suite("The decoder's paged cache")
struct DecoderCacheTests {
  static func tokens(_ count: Int, seed: UInt64) -> [Int32] {
    DecoderTests.tokens(count, seed: seed, below: 96)
  }

  /// Forks, truncations and continuations in random order give what reading the whole text anew gives.
  @Test(arguments: [Precision.int8, .f32], [1, 2, 3] as [UInt64])
  func forksAndTruncationsEqualReadingAnew(precision: Precision, seed: UInt64) throws {
    let decoder = try DecoderFixture.decoder("qwen3", precision)
    let cache = try DecoderFixture.cache(decoder)
    let state = try decoder.makeState(tokenCapacity: 128, logitCapacity: 8)
    var generator = SeededGenerator(seed: seed)
    var texts: [(sequence: CachedSequence, tokens: [Int32])] = [(cache.makeSequence(), [])]
    for _ in 0..<40 {
      let index = Int.random(in: 0..<texts.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0 where texts.count < 8:
        texts.append((texts[index].sequence.fork(), texts[index].tokens))
      case 1:
        let length = Int.random(in: 0...texts[index].tokens.count, using: &generator)
        texts[index].sequence.truncate(to: length)
        texts[index].tokens.removeLast(texts[index].tokens.count - length)
      case 2 where texts.count > 1:
        texts.remove(at: index)
      default:
        let more = Self.tokens(Int.random(in: 1...40, using: &generator), seed: generator.next())
        guard texts[index].tokens.count + more.count <= 256 else { continue }
        var batch = DecoderBatch()
        batch.append(more, to: texts[index].sequence)
        try decoder(batch, state)
        texts[index].tokens += more
        let anew = try DecoderFixture.logits(decoder, texts[index].tokens)
        if precision == .int8 {
          #expect(Array(state[logits: 0]) == anew.last)
        } else {
          // oneDNN may sum in another order in a product of another height.
          for (a, b) in zip(state[logits: 0], anew.last ?? []) { #expect(abs(a - b) < 1e-3) }
        }
      }
      for (sequence, tokens) in texts { #expect(sequence.length == tokens.count) }
    }
    let held = cache.pageCapacity - cache.freePages
    #expect(held <= texts.reduce(0) { $0 + KeyValueCache.pages(for: $1.tokens.count) })
    texts = []
    #expect(cache.freePages == cache.pageCapacity)
  }

  @Test func aPrefixIsSharedUntilSomebodyWrites() throws {
    let decoder = try DecoderFixture.decoder("llama", .int8)
    let cache = try DecoderFixture.cache(decoder, tokens: 10 * KeyValueCache.tokensPerPage)
    let state = try decoder.makeState(tokenCapacity: 128, logitCapacity: 8)
    let prefix = cache.makeSequence()
    var batch = DecoderBatch()
    batch.append(Self.tokens(3 * KeyValueCache.tokensPerPage + 1, seed: 1), to: prefix)
    try decoder(batch, state)
    #expect(cache.freePages == 6)
    let forks = (0..<5).map { _ in prefix.fork() }
    #expect(cache.freePages == 6)
    #expect(forks[0].pagesNeeded(for: 1) == 1)
    #expect(forks[0].pagesNeeded(for: KeyValueCache.tokensPerPage) == 2)
    batch = DecoderBatch()
    for fork in forks { batch.append([7], to: fork) }
    try decoder(batch, state)
    #expect(cache.freePages == 1)
    #expect(forks[0].pagesNeeded(for: 1) == 0)
    // Whole pages need no copy.
    prefix.truncate(to: 2 * KeyValueCache.tokensPerPage)
    #expect(prefix.pagesNeeded(for: 1) == 1)
    #expect(cache.freePages == 2)
  }

  @Test func outOfPagesIsAnErrorThatChangesNothing() throws {
    let decoder = try DecoderFixture.decoder("llama", .int8)
    let cache = try DecoderFixture.cache(decoder, tokens: 3 * KeyValueCache.tokensPerPage)
    #expect(cache.pageCapacity == 3)
    let state = try decoder.makeState(tokenCapacity: 256, logitCapacity: 8)
    let first = cache.makeSequence()
    let second = cache.makeSequence()
    let tokens = Self.tokens(40, seed: 1)
    var batch = DecoderBatch()
    batch.append(tokens, to: first)
    try decoder(batch, state)
    batch = DecoderBatch()
    batch.append([1], to: first)
    batch.append(tokens, to: second)
    do throws(SibylError) {
      try decoder(batch, state)
      Issue.record("there was room")
    } catch {
      #expect(error.kind == .unavailable)
      #expect(error.message.contains("3 pages of 32 tokens"))
    }
    #expect(first.length == 40)
    #expect(second.length == 0)
    #expect(second.pagesNeeded(for: 40) == 2)
    #expect(cache.freePages == 1)
    batch = DecoderBatch()
    batch.append([1], to: first)
    try decoder(batch, state)
    #expect(Array(state[logits: 0]) == (try DecoderFixture.logits(decoder, tokens + [1])).last)
    #expect(throws: SibylError.self) { try decoder.makeCache(budget: 100) }
    #expect(throws: SibylError.self) { try decoder.makeCache(budget: -1) }
  }
}
