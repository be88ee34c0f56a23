/// A set of tokens: one bit a token of the vocabulary.
///
/// One mask serves step after step; filling it anew allocates nothing.
public struct TokenMask: Hashable, Sendable {
  /// The number of tokens in the vocabulary.
  public let vocabularySize: Int
  /// Token t is bit t % 64 of word t / 64; bits beyond the vocabulary are 0.
  public private(set) var words: [UInt64]

  /// A mask that allows nothing.
  public init(vocabularySize: Int) {
    self.vocabularySize = max(0, vocabularySize)
    words = [UInt64](repeating: 0, count: (self.vocabularySize + 63) / 64)
  }

  public func contains(_ token: Int32) -> Bool {
    guard token >= 0, Int(token) < vocabularySize else { return false }
    return words[Int(token) / 64] >> (UInt64(token) % 64) & 1 == 1
  }

  public mutating func insert(_ token: Int32) {
    guard token >= 0, Int(token) < vocabularySize else { return }
    words[Int(token) / 64] |= 1 << (UInt64(token) % 64)
  }

  public mutating func remove(_ token: Int32) {
    guard token >= 0, Int(token) < vocabularySize else { return }
    words[Int(token) / 64] &= ~(1 << (UInt64(token) % 64))
  }

  public mutating func removeAll() {
    for index in words.indices { words[index] = 0 }
  }

  /// Takes over another mask's tokens, which are of the same vocabulary.
  mutating func assign(_ other: TokenMask) {
    guard other.words.count == words.count else { return }
    words.withUnsafeMutableBufferPointer { mine in
      other.words.withUnsafeBufferPointer { theirs in
        _ = mine.update(fromContentsOf: theirs)
      }
    }
  }

  /// How many tokens are allowed.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// The lowest token; nil where there is none.
  public var first: Int32? {
    guard let index = words.firstIndex(where: { $0 != 0 }) else { return nil }
    return Int32(truncatingIfNeeded: index * 64 + words[index].trailingZeroBitCount)
  }

  /// The one token that is allowed; nil where there are none or several.
  public var only: Int32? { count == 1 ? first : nil }

  /// All tokens, the lowest first.
  public var tokens: [Int32] {
    var tokens: [Int32] = []
    for (index, word) in words.enumerated() {
      var word = word
      while word != 0 {
        tokens.append(Int32(truncatingIfNeeded: index * 64 + word.trailingZeroBitCount))
        word &= word - 1
      }
    }
    return tokens
  }

  @inline(__always)
  mutating func withWords(_ body: (UnsafeMutableBufferPointer<UInt64>) -> Void) {
    words.withUnsafeMutableBufferPointer { body($0) }
  }
}
