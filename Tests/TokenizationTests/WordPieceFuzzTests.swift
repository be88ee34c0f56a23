import TestSupport
import Testing
import Tokenization

@Suite("WordPiece on bytes that are no text")
struct WordPieceFuzzTests {
  /// Where a scalar, or an ill-formed byte that is read alone, begins.
  private static func boundaries(_ bytes: [UInt8]) -> Set<Int> {
    var set: Set<Int> = [0]
    var index = 0
    while index < bytes.count {
      // The longest well-formed scalar at this place, by asking the standard library.
      let length = (2...4).last { count in
        index + count <= bytes.count
          && String(validating: bytes[index..<index + count], as: UTF8.self)?.unicodeScalars.count == 1
      }
      index += length ?? 1
      set.insert(index)
    }
    return set
  }

  private static func check(_ bytes: [UInt8], _ tokenizer: WordPieceTokenizer) {
    var ids: [Int32] = []
    var tokens: [Token] = []
    bytes.withUnsafeBufferPointer {
      tokenizer.encode($0, appendingTo: &ids)
      tokenizer.encodeWithOffsets($0, appendingTo: &tokens)
    }
    #expect(ids == tokens.map(\.id))
    #expect(ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
    let boundaries = boundaries(bytes)
    var previous = 0..<0
    for token in tokens {
      #expect(token.range.lowerBound >= previous.lowerBound && token.range.upperBound >= previous.upperBound)
      #expect(!token.range.isEmpty && token.range.upperBound <= bytes.count)
      #expect(boundaries.contains(token.range.lowerBound) && boundaries.contains(token.range.upperBound))
      previous = token.range
    }
    // Ill-formed bytes count as U+FFFD, which cleaning removes.
    let repaired = String(decoding: bytes, as: UTF8.self)
    #expect(ids == tokenizer.encode(repaired), "\(bytes)")
  }

  @Test("Random bytes", arguments: [UInt64(1), 2, 3])
  func randomBytes(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let tokenizer = try ReferenceFiles.tokenizer ?? TinyVocabulary.tokenizer()
    let leads: [UInt8] = [0xC3, 0xCC, 0xE3, 0xEA, 0xED, 0xF0, 0xF4, 0xE2, 0x80, 0xBF, 0xC0, 0xFF]
    for _ in 0..<600 {
      let count = Int.random(in: 0...64, using: &generator)
      let style = Int.random(in: 0..<3, using: &generator)
      let bytes = (0..<count).map { _ -> UInt8 in
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where style > 0: leads.randomElement(using: &generator) ?? 0
        case 1 where style > 1: UInt8.random(in: 0x80...0xBF, using: &generator)
        case 2 where style > 0: UInt8.random(in: 0x20...0x7E, using: &generator)
        default: UInt8.random(in: 0...255, using: &generator)
        }
      }
      Self.check(bytes, tokenizer)
    }
  }

  @Test("Random scalars, with runs of marks that reorder", arguments: [UInt64(4), 5])
  func randomScalars(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let tokenizer = try ReferenceFiles.tokenizer ?? TinyVocabulary.tokenizer()
    let marks: [UInt32] = [0x302E, 0x1D165, 0x1BAA, 0x8D4, 0x300, 0xE31, 0x327, 0x1E94A, 0x1D16D]
    for _ in 0..<400 {
      var text = ""
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        let value =
          Bool.random(using: &generator)
          ? marks.randomElement(using: &generator) ?? 0x61 : UInt32.random(in: 0...0x2FFFF, using: &generator)
        if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      }
      Self.check(Array(text.utf8), tokenizer)
      Self.check(Array(text.utf8.dropLast()), tokenizer)
    }
  }

  @Test("Hostile lengths: one endless word, endless marks, endless brackets")
  func longInputs() throws {
    let tokenizer = try TinyVocabulary.tokenizer()
    #expect(tokenizer.encode(String(repeating: "\u{302E}\u{1D165}", count: 50_000)) == [tokenizer.unknownID])
    #expect(tokenizer.encode(String(repeating: "[", count: 100_000)).count == 100_000)
    #expect(tokenizer.encode(String(repeating: "\u{300}", count: 100_000)).isEmpty)
  }
}
