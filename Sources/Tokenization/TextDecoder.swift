/// Turns tokens into text as they come. A scalar whose bytes are spread over several tokens comes out when it
/// is complete; bytes that are no UTF-8 come out as U+FFFD.
///
/// The texts that `append` and `finish` return make up the same text, however the tokens are handed over.
public struct TextDecoder: Sendable {
  private let tokenizer: BytePairTokenizer
  /// Whether control tokens come out as their names rather than as nothing.
  private let showsControlTokens: Bool
  /// Whether the space that `encode` put before the text is still to be taken away.
  private var dropsSpace: Bool
  /// The bytes of a scalar that is not complete.
  private var pending: [UInt8] = []

  /// - Parameter isWholeText: whether the tokens are those of a text from its beginning, so that the space that
  ///   some tokenizers put there goes.
  public init(_ tokenizer: BytePairTokenizer, isWholeText: Bool = false, showsControlTokens: Bool = false) {
    self.tokenizer = tokenizer
    self.showsControlTokens = showsControlTokens
    dropsSpace = isWholeText && tokenizer.addsSpacePrefix
  }

  /// The text that a token completes, which may be empty. Identifiers outside the vocabulary stand for nothing.
  public mutating func append(_ id: Int32) -> String {
    switch tokenizer.kind(of: id) {
    case nil: return ""
    case .control, .unknown:
      guard showsControlTokens else { return "" }
    default: break
    }
    var bytes = tokenizer.bytes(of: id)
    if dropsSpace, !bytes.isEmpty {
      dropsSpace = false
      if bytes.first == UInt8(ascii: " ") { bytes = bytes.dropFirst() }
    }
    pending.append(contentsOf: bytes)
    let cut = pending.count - Self.incompleteCount(pending)
    defer { pending.removeFirst(cut) }
    return String(decoding: pending[..<cut], as: UTF8.self)
  }

  /// What is left when no more tokens come: U+FFFD where the last scalar was not complete.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end are the beginning of a scalar that the next bytes may complete.
  private static func incompleteCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      if lead & 0xC0 == 0x80 { continue }
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
      guard lead <= 0xF4, count < length else { return 0 }
      // The second byte decides whether this can become a scalar at all (Unicode Standard, table 3-7).
      guard count > 1 else { return count }
      let second = bytes[bytes.count - count + 1]
      switch lead {
      case 0xE0: return second >= 0xA0 ? count : 0
      case 0xED: return second < 0xA0 ? count : 0
      case 0xF0: return second >= 0x90 ? count : 0
      case 0xF4: return second < 0x90 ? count : 0
      default: return count
      }
    }
    return 0
  }
}

extension BytePairTokenizer {
  /// The text of tokens, from a text's beginning. Bytes that are no UTF-8 come out as U+FFFD.
  public func decode(_ ids: some Sequence<Int32>, showsControlTokens: Bool = false) -> String {
    var decoder = TextDecoder(self, isWholeText: true, showsControlTokens: showsControlTokens)
    var text = ""
    for id in ids { text += decoder.append(id) }
    return text + decoder.finish()
  }
}
