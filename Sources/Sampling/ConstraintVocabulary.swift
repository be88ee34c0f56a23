import Diagnostics
import Tokenization

/// A tokenizer's vocabulary made ready for constraints. Making one takes tens of milliseconds, so it is kept
/// beside its tokenizer.
///
/// It never changes after `init`, so any number of threads may use one.
public final class ConstraintVocabulary: Sendable {
  let tokenizer: BytePairTokenizer
  let trie: TokenTrie
  let strings: StringTokens
  /// Whether a token may end inside a scalar: every continuation byte is a token, so that the scalar can be
  /// finished.
  let mayCutScalars: Bool

  var size: Int { tokenizer.vocabularySize }

  /// - Throws: `invalidArgument` where the vocabulary cannot spell ASCII byte by byte, which every answer must
  ///   be able to fall back to.
  public init(_ tokenizer: BytePairTokenizer) throws(SibylError) {
    var listed: [(bytes: ArraySlice<UInt8>, token: Int32)] = []
    listed.reserveCapacity(tokenizer.vocabularySize)
    var isSpelt = [Bool](repeating: false, count: 256)
    for index in 0..<tokenizer.vocabularySize {
      let token = Int32(truncatingIfNeeded: index)
      // Control tokens are no text, and tokens that a vocabulary reserves were never trained.
      switch tokenizer.kind(of: token) {
      case .normal, .userDefined, .byte, .undefined: break
      default: continue
      }
      let bytes = tokenizer.bytes(of: token)
      listed.append((bytes, token))
      if bytes.count == 1, let byte = bytes.first { isSpelt[Int(byte)] = true }
    }
    if let byte = (0x20...0x7E).first(where: { !isSpelt[$0] }) {
      throw SibylError(
        .invalidArgument,
        "the model's vocabulary has no token for the single character "
          + "\"\(Character(Unicode.Scalar(UInt8(byte))))\", without which answers cannot be constrained; use "
          + "another model")
    }
    self.tokenizer = tokenizer
    mayCutScalars = isSpelt[0x80...0xBF].allSatisfy(\.self)
    trie = TokenTrie(listed)
    strings = StringTokens(listed, vocabularySize: tokenizer.vocabularySize, mayCut: mayCutScalars)
  }
}
