/// Finds tokens that are written out in a text.
///
/// As in llama.cpp, long tokens go before short ones, whichever comes first in the text, and of one token the
/// first occurrence goes first.
struct TokenFinder: Sendable {
  /// A stretch of the text: a token, or text that is none.
  struct Piece {
    var range: Range<Int>
    var id: Int32?
  }

  /// The longest first.
  private let tokens: [(bytes: [UInt8], id: Int32)]
  /// Whether a token begins with the byte.
  private let isFirstByte: [Bool]
  /// The places in `tokens`, by their first two bytes; by the first alone where there is only one.
  private let byBeginning: [UInt16: [Int]]
  private let singleBytes: [UInt8: Int]

  init(_ tokens: [(bytes: [UInt8], id: Int32)]) {
    let tokens = tokens.filter { !$0.bytes.isEmpty }
      .sorted { ($1.bytes.count, $0.id) < ($0.bytes.count, $1.id) }
    self.tokens = tokens
    var isFirstByte = [Bool](repeating: false, count: 256)
    var byBeginning: [UInt16: [Int]] = [:]
    var singleBytes: [UInt8: Int] = [:]
    for (place, token) in tokens.enumerated() {
      isFirstByte[Int(token.bytes[0])] = true
      if token.bytes.count > 1 {
        byBeginning[Self.beginning(token.bytes[0], token.bytes[1]), default: []].append(place)
      } else if singleBytes[token.bytes[0]] == nil {
        singleBytes[token.bytes[0]] = place
      }
    }
    self.isFirstByte = isFirstByte
    self.byBeginning = byBeginning
    self.singleBytes = singleBytes
  }

  private static func beginning(_ first: UInt8, _ second: UInt8) -> UInt16 {
    UInt16(first) << 8 | UInt16(second)
  }

  /// The whole text in pieces, none of them empty.
  func pieces(of text: UnsafeBufferPointer<UInt8>) -> [Piece] {
    guard !text.isEmpty else { return [] }
    let found = tokens.isEmpty ? [] : occurrences(in: text)
    guard !found.isEmpty else { return [Piece(range: 0..<text.count, id: nil)] }
    var isTaken = [Bool](repeating: false, count: text.count)
    var accepted: [Piece] = []
    for (place, start) in found {
      let end = start + tokens[place].bytes.count
      // What is taken already is at least as long as this token, so it cannot lie between these two.
      guard !isTaken[start], !isTaken[end - 1] else { continue }
      for index in start..<end { isTaken[index] = true }
      accepted.append(Piece(range: start..<end, id: tokens[place].id))
    }
    accepted.sort { $0.range.lowerBound < $1.range.lowerBound }
    var pieces: [Piece] = []
    var end = 0
    for piece in accepted {
      if piece.range.lowerBound > end { pieces.append(Piece(range: end..<piece.range.lowerBound, id: nil)) }
      pieces.append(piece)
      end = piece.range.upperBound
    }
    if end < text.count { pieces.append(Piece(range: end..<text.count, id: nil)) }
    return pieces
  }

  /// All places where a token is written out, the longest tokens first, then in the order of the text.
  private func occurrences(in text: UnsafeBufferPointer<UInt8>) -> [(place: Int, start: Int)] {
    var found: [(place: Int, start: Int)] = []
    for start in text.indices where isFirstByte[Int(text[start])] {
      if let place = singleBytes[text[start]] { found.append((place, start)) }
      guard start + 1 < text.count,
        let places = byBeginning[Self.beginning(text[start], text[start + 1])]
      else { continue }
      for place in places where Self.matches(tokens[place].bytes, text, at: start) {
        found.append((place, start))
      }
    }
    return found.sorted { ($0.place, $0.start) < ($1.place, $1.start) }
  }

  private static func matches(_ token: [UInt8], _ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    guard token.count <= text.count - start else { return false }
    for index in token.indices where token[index] != text[start + index] { return false }
    return true
  }
}
