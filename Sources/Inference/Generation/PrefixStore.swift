import Diagnostics
import Tensor

/// Beginnings of prompts that a decoder has read before, kept so that the next prompt that begins alike goes on from
/// there: the instruction of a query is read once for all of its rows, and not again by the next query.
///
/// Two kinds are kept: beginnings that prompts are known to share, and the latest prompts as they were, since what
/// they share with the next one shows only then.
///
/// Threads: belongs to the decoder's thread.
struct PrefixStore {
  private struct Entry {
    let tokens: [Int32]
    let sequence: CachedSequence
    var lastUse: Int
  }

  private var shared: [Entry] = []
  private var recent: [Entry] = []
  private var clock = 0

  /// Shorter ones are read again as quickly as they are found.
  static let leastTokens = 16
  private static let mostShared = 16
  private static let mostRecent = 4
  private static let longestRecent = 1_024

  /// A sequence that has read the beginning of a prompt, as much of it as is known, but not its last token.
  mutating func sequence(for prompt: [Int32], in cache: KeyValueCache) -> CachedSequence {
    clock += 1
    let limit = prompt.count - 1
    func common(_ entry: Entry) -> Int {
      min(zip(entry.tokens, prompt).prefix { $0 == $1 }.count, limit)
    }
    let known = shared.indices.map { (index: $0, count: common(shared[$0])) }.max { $0.count < $1.count }
    let latest = recent.indices.map { (index: $0, count: common(recent[$0])) }.max { $0.count < $1.count }
    if let latest, latest.count >= Self.leastTokens, latest.count > known?.count ?? 0 {
      let sequence = Self.beginning(of: recent[latest.index].sequence, latest.count)
      keep(Array(prompt[..<latest.count]), sequence)
      return sequence.fork()
    }
    guard let known, known.count >= Self.leastTokens else { return cache.makeSequence() }
    shared[known.index].lastUse = clock
    return Self.beginning(of: shared[known.index].sequence, known.count)
  }

  private static func beginning(of sequence: CachedSequence, _ count: Int) -> CachedSequence {
    let fork = sequence.fork()
    fork.truncate(to: count)
    return fork
  }

  /// Keeps a beginning that prompts share.
  mutating func keep(_ tokens: [Int32], _ sequence: CachedSequence) {
    guard tokens.count >= Self.leastTokens, !shared.contains(where: { $0.tokens == tokens }) else { return }
    clock += 1
    if shared.count == Self.mostShared,
      let oldest = shared.indices.min(by: { shared[$0].lastUse < shared[$1].lastUse })
    {
      shared.remove(at: oldest)
    }
    shared.append(Entry(tokens: tokens, sequence: sequence, lastUse: clock))
  }

  /// Notes a prompt that was read for itself. Only whole pages are kept, so that the sequence itself need not copy
  /// the page that it goes on writing in.
  mutating func note(_ prompt: [Int32], _ sequence: CachedSequence) {
    let count = prompt.count / KeyValueCache.tokensPerPage * KeyValueCache.tokensPerPage
    guard count >= Self.leastTokens, count <= Self.longestRecent else { return }
    let tokens = Array(prompt[..<count])
    // What a kept beginning covers nearly whole tells nothing new.
    let isKnown = (shared + recent).contains { entry in
      zip(entry.tokens, tokens).prefix { $0 == $1 }.count + Self.leastTokens > count
    }
    guard !isKnown else { return }
    clock += 1
    if recent.count == Self.mostRecent { recent.removeFirst() }
    recent.append(Entry(tokens: tokens, sequence: Self.beginning(of: sequence, count), lastUse: clock))
  }

  /// Gives up what was used longest ago.
  ///
  /// - Returns: false where there is nothing to give up.
  mutating func shrink() -> Bool {
    if !recent.isEmpty {
      recent.removeFirst()
      return true
    }
    guard let oldest = shared.indices.min(by: { shared[$0].lastUse < shared[$1].lastUse }) else {
      return false
    }
    shared.remove(at: oldest)
    return true
  }
}
