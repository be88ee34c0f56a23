import Diagnostics

/// Turns text into the pieces of a WordPiece vocabulary, exactly as the reference BERT tokenizer does
/// (Wu et al. 2016; Devlin et al. 2019; the normaliser, pre-tokeniser and model of the `tokenizers` library).
///
/// Text is cleaned of control characters, ideographs are set apart, accents and case are removed (as the
/// options say), words are split at white space and around punctuation, and each word is cut into the longest
/// pieces that the vocabulary has, from left to right. A word that cannot be cut so, or is too long, is one
/// unknown token. `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]` written out in the text become those tokens.
///
/// A tokenizer never changes after `init`, so any number of threads may use one.
public final class WordPieceTokenizer: Sendable {
  public let options: WordPieceOptions
  let vocabulary: WordPieceVocabulary
  let scalars: ScalarTable
  let special: SpecialTokens
  /// What each ASCII byte is to the scanner, and the token of each that makes a word of its own.
  let asciiKinds: [UInt8]
  let asciiTokens: [Int32]

  /// - Parameters:
  ///   - file: the bytes of a vocab.txt: UTF-8, one piece a line, `##` before pieces that continue a word.
  ///   - source: the file's name for error messages.
  ///   - options: normalisation; by default that of uncased models.
  /// - Throws: `.corruptFile` where the file is no such vocabulary or lacks a special token.
  public init(
    vocabulary file: [UInt8], source: String = "vocab.txt", options: WordPieceOptions = WordPieceOptions()
  ) throws(SibylError) {
    let vocabulary = try WordPieceVocabulary(file, source: source)
    let special = try SpecialTokens(vocabulary, source: source)
    let scalars = ScalarTable(options)
    self.options = options
    self.vocabulary = vocabulary
    self.special = special
    self.scalars = scalars
    asciiKinds = (0..<256).map { byte in
      byte < 0x80 ? UInt8(scalars[UInt32(byte)] & ScalarTable.kindMask) : WordPieceScanner.notASCII
    }
    asciiTokens = (0..<128).map { byte in vocabulary.identifier(of: [UInt8(byte)]) ?? special.unknown }
  }

  /// The same from memory that the caller owns, such as a mapped file; it is not kept.
  public convenience init(
    vocabulary file: UnsafeBufferPointer<UInt8>, source: String = "vocab.txt",
    options: WordPieceOptions = WordPieceOptions()
  ) throws(SibylError) {
    try self.init(vocabulary: Array(file), source: source, options: options)
  }

  /// The number of pieces, special tokens included: identifiers are below it.
  public var vocabularySize: Int { vocabulary.count }
  /// `[CLS]`, which the encoder expects before a text.
  public var classifierID: Int32 { special.classifier }
  /// `[SEP]`, which the encoder expects behind a text.
  public var separatorID: Int32 { special.separator }
  /// `[MASK]`.
  public var maskID: Int32 { special.mask }
  /// `[UNK]`, which stands for a word that the vocabulary cannot spell.
  public var unknownID: Int32 { special.unknown }
  /// `[PAD]`.
  public var paddingID: Int32 { special.padding }

  /// Whether the token continues the word of the token before it (`##` in the vocabulary file).
  public func continuesWord(_ id: Int32) -> Bool { vocabulary.continuesWord(id) }

  /// The piece as the vocabulary file spells it, or nil for an identifier outside it.
  public func piece(_ id: Int32) -> String? { vocabulary.piece(id) }

  /// Appends the tokens of a text, without special tokens around them and without any cut.
  ///
  /// - Parameters:
  ///   - utf8: the text. Ill-formed bytes are taken as U+FFFD, which cleaning removes.
  ///   - ids: where the tokens go.
  public func encode(_ utf8: UnsafeBufferPointer<UInt8>, appendingTo ids: inout [Int32]) {
    WordPieceScanner.withScanner(of: self, over: utf8, recordsRanges: false) { scanner in
      swap(&scanner.ids, &ids)
      scanner.run()
      swap(&scanner.ids, &ids)
    }
  }

  /// The tokens of a text, without special tokens around them and without any cut.
  public func encode(_ text: String) -> [Int32] {
    var ids: [Int32] = []
    var text = text
    text.withUTF8 { encode($0, appendingTo: &ids) }
    return ids
  }

  /// Appends the tokens of a text with the bytes that each stands for.
  public func encodeWithOffsets(_ utf8: UnsafeBufferPointer<UInt8>, appendingTo tokens: inout [Token]) {
    WordPieceScanner.withScanner(of: self, over: utf8, recordsRanges: true) { scanner in
      swap(&scanner.tokens, &tokens)
      scanner.run()
      swap(&scanner.tokens, &tokens)
    }
  }

  /// The tokens of a text with the bytes that each stands for.
  public func encodeWithOffsets(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var text = text
    text.withUTF8 { encodeWithOffsets($0, appendingTo: &tokens) }
    return tokens
  }

  /// How many tokens `encode` gives.
  public func tokenCount(_ utf8: UnsafeBufferPointer<UInt8>) -> Int {
    var ids: [Int32] = []
    encode(utf8, appendingTo: &ids)
    return ids.count
  }

  /// How many tokens `encode` gives.
  public func tokenCount(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { tokenCount($0) }
  }
}
