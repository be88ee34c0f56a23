/// What a model file says about its BPE tokenizer (Sennrich et al. 2016), as it stands in the file.
public struct BytePairVocabulary: Sendable {
  public enum Scheme: Sendable {
    /// Bytes are merged, inside words, by a list of merges: `left right`, the first one first. Tokens and
    /// merges are spelt in the byte-level alphabet (`Ġ` is a space).
    case byteLevel(PreTokenizer, merges: ByteStrings)
    /// Scalars are merged by the scores of the tokens that they make, the highest first, with `▁` for a space
    /// and tokens for single bytes where a scalar has none (Kudo and Richardson 2018, the BPE model).
    case sentencePiece(scores: [Float])
  }

  public var scheme: Scheme
  /// The tokens as the file spells them; a token's place is its identifier.
  public var tokens: ByteStrings
  /// One a token, or empty where the file does not say.
  public var kinds: [TokenKind]
  /// The token before every text (`bos`).
  public var beginningID: Int32?
  /// The token that ends an answer (`eos`).
  public var endID: Int32?
  /// Other tokens that end an answer or a turn (`eot`, `eom`).
  public var otherEndIDs: [Int32] = []
  public var unknownID: Int32?
  public var paddingID: Int32?
  /// Whether `beginningID` goes before every text.
  public var addsBeginning = false
  /// Whether a space goes before every text (SentencePiece).
  public var addsSpacePrefix = false
  /// Whether a word that is a token is that token, whatever the merges say.
  public var prefersWholeWords = false

  public init(scheme: Scheme, tokens: ByteStrings, kinds: [TokenKind]) {
    self.scheme = scheme
    self.tokens = tokens
    self.kinds = kinds
  }
}
