import Diagnostics

/// The identifiers of BERT's special tokens.
struct SpecialTokens: Sendable {
  let padding: Int32
  let unknown: Int32
  let classifier: Int32
  let separator: Int32
  let mask: Int32

  init(_ vocabulary: WordPieceVocabulary, source: String) throws(SibylError) {
    func find(_ piece: String) throws(SibylError) -> Int32 {
      if let identifier = vocabulary.identifier(of: Array(piece.utf8)) { return identifier }
      throw SibylError(
        .corruptFile,
        "\(source): expected a WordPiece vocabulary with the special tokens [PAD], [UNK], [CLS], [SEP] and "
          + "[MASK], but \(piece) is missing; install the model again, or use one of the BERT family.")
    }
    padding = try find("[PAD]")
    unknown = try find("[UNK]")
    classifier = try find("[CLS]")
    separator = try find("[SEP]")
    mask = try find("[MASK]")
  }

  /// The special token written out at `text[index]`, and its length. The reference looks for them in the raw
  /// text, before any normalisation, so they are case-sensitive and need no space around them.
  func match(_ text: UnsafePointer<UInt8>, at index: Int, end: Int) -> (id: Int32, length: Int)? {
    guard end &- index >= 5, text[index] == UInt8(ascii: "[") else { return nil }
    func letters(_ count: Int) -> UInt32 {
      var packed: UInt32 = 0
      for offset in 1...count { packed = packed &<< 8 | UInt32(text[index &+ offset]) }
      return packed
    }
    if text[index &+ 4] == UInt8(ascii: "]") {
      switch letters(3) {
      case 0x504144: return (padding, 5)
      case 0x554E4B: return (unknown, 5)
      case 0x434C53: return (classifier, 5)
      case 0x534550: return (separator, 5)
      default: return nil
      }
    }
    guard end &- index >= 6, text[index &+ 5] == UInt8(ascii: "]"), letters(4) == 0x4D41_534B else {
      return nil
    }
    return (mask, 6)
  }
}
