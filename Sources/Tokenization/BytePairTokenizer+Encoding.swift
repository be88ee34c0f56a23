extension BytePairTokenizer {
  /// Appends the tokens of a text, without `beginningID` and without any cut.
  ///
  /// Text that the vocabulary cannot spell (some vocabularies lack a few control characters) is left out, or
  /// becomes `unknownID` where the vocabulary is a SentencePiece one, as in the reference.
  ///
  /// - Parameters:
  ///   - utf8: the text. Each ill-formed byte is taken as U+FFFD.
  ///   - parsesControlTokens: whether control tokens that are written out in the text become those tokens. For
  ///     text that Sibyl wrote itself only, never for what comes from a user.
  ///   - ids: where the tokens go.
  public func encode(
    _ utf8: UnsafeBufferPointer<UInt8>, parsesControlTokens: Bool = false, appendingTo ids: inout [Int32]
  ) {
    guard UTF8Decoding.isWellFormed(utf8) else {
      let repaired = Self.repaired(utf8)
      return repaired.withUnsafeBufferPointer {
        encode($0, parsesControlTokens: parsesControlTokens, appendingTo: &ids)
      }
    }
    let finder = parsesControlTokens ? foundOnDemand : alwaysFound
    BytePairEncoder.withEncoder(of: self) { encoder in
      var followsToken = true
      for piece in finder.pieces(of: utf8) {
        if let id = piece.id {
          ids.append(id)
          followsToken = true
        } else {
          let text = UnsafeBufferPointer(rebasing: utf8[piece.range])
          encoder.encode(text, hasSpaceBefore: addsSpacePrefix && followsToken, appendingTo: &ids)
          followsToken = false
        }
      }
    }
  }

  /// The tokens of a text, without `beginningID` and without any cut.
  public func encode(_ text: String, parsesControlTokens: Bool = false) -> [Int32] {
    var ids: [Int32] = []
    var text = text
    text.withUTF8 { encode($0, parsesControlTokens: parsesControlTokens, appendingTo: &ids) }
    return ids
  }

  /// How many tokens `encode` gives.
  public func tokenCount(_ text: String) -> Int { encode(text).count }

  /// The text with U+FFFD in place of each ill-formed byte.
  private static func repaired(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var repaired: [UInt8] = []
    repaired.reserveCapacity(bytes.count + 64)
    guard let base = bytes.baseAddress else { return [] }
    var index = 0
    while index < bytes.count {
      let step = UTF8Decoding.step(base, at: index, end: bytes.count)
      if step.isWellFormed {
        repaired.append(contentsOf: bytes[index..<(index + step.length)])
      } else {
        repaired.append(contentsOf: [0xEF, 0xBF, 0xBD])
      }
      index += step.length
    }
    return repaired
  }
}
