import Tokenization

/// The text of one sequence as its tokens come, and whether it has ended.
public struct GeneratedAnswer: Sendable {
  private let tokenizer: BytePairTokenizer
  private let condition: StopCondition
  private var bytes: [UInt8] = []
  /// Every token that came, also the one that ended the answer.
  public private(set) var tokens: [Int32] = []
  public private(set) var finishReason: FinishReason?

  public init(_ condition: StopCondition, tokenizer: BytePairTokenizer) {
    self.condition = condition
    self.tokenizer = tokenizer
  }

  public var isFinished: Bool { finishReason != nil }

  /// How many more tokens may come.
  public var tokensLeft: Int { max(0, condition.maximumTokens - tokens.count) }

  /// Takes the next token. Tokens behind the end are left out.
  ///
  /// - Returns: why the answer has ended, or nil where it goes on.
  @discardableResult
  public mutating func append(_ token: Int32) -> FinishReason? {
    guard finishReason == nil else { return finishReason }
    tokens.append(token)
    if !condition.ignoresEndToken, tokenizer.isEnd(token) {
      finishReason = .endToken
      return finishReason
    }
    switch tokenizer.kind(of: token) {
    case nil, .control, .unknown: break
    default: appendBytes(tokenizer.bytes(of: token))
    }
    if finishReason == nil, tokens.count >= condition.maximumTokens { finishReason = .maximumTokens }
    return finishReason
  }

  /// Ends the answer because a constraint is fulfilled.
  public mutating func complete() {
    if finishReason == nil || finishReason == .maximumTokens { finishReason = .complete }
  }

  private mutating func appendBytes(_ more: ArraySlice<UInt8>) {
    let old = bytes.count
    bytes.append(contentsOf: more)
    // A stop string that is new must end inside the new bytes.
    var cut: Int?
    for stop in condition.stops {
      let from = max(0, old - stop.count + 1)
      if let place = Self.find(stop, in: bytes, from: from), place < cut ?? .max { cut = place }
    }
    if let cut {
      bytes.removeSubrange(cut...)
      finishReason = .stopString
    }
  }

  private static func find(_ text: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count - start >= text.count else { return nil }
    return (start...(bytes.count - text.count)).first { bytes[$0..<($0 + text.count)].elementsEqual(text) }
  }

  /// The answer so far. A scalar whose last bytes have not come is left out; other bytes that are no UTF-8 come
  /// out as U+FFFD.
  public var text: String {
    String(decoding: bytes[..<(bytes.count - Self.incompleteCount(bytes))], as: UTF8.self)
  }

  /// How many bytes at the end are the beginning of a scalar.
  private static func incompleteCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      if lead & 0xC0 == 0x80 { continue }
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
      return count < length ? count : 0
    }
    return 0
  }
}
