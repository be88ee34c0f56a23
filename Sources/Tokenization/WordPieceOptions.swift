/// How a WordPiece tokenizer normalises text before it looks for pieces.
public struct WordPieceOptions: Hashable, Sendable {
  /// Whether text is lower-cased (`do_lower_case` in tokenizer_config.json).
  public var lowercase: Bool
  /// Whether text is decomposed (NFD) and loses its non-spacing marks (`strip_accents`).
  public var stripsAccents: Bool
  /// Words of more scalars than this, counted after normalisation, become one unknown token
  /// (`max_input_chars_per_word`).
  public var maximumWordLength: Int

  /// - Parameters:
  ///   - lowercase: true for uncased models.
  ///   - stripsAccents: nil, as `strip_accents` usually is, follows `lowercase`.
  ///   - maximumWordLength: 1 to 1,000; values outside are clamped.
  public init(lowercase: Bool = true, stripsAccents: Bool? = nil, maximumWordLength: Int = 100) {
    self.lowercase = lowercase
    self.stripsAccents = stripsAccents ?? lowercase
    self.maximumWordLength = min(max(maximumWordLength, 1), 1000)
  }
}
