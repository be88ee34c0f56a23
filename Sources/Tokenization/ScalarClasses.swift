/// What each Unicode scalar is to a pre-tokeniser: letter (`\p{L}`), number (`\p{N}`), white space (`\s`) or
/// something else.
struct ScalarClasses: Sendable {
  static let other: UInt8 = 0
  static let letter: UInt8 = 1
  static let number: UInt8 = 2
  static let space: UInt8 = 3

  static let shared = ScalarClasses()

  /// For each block of 256 scalars, where its classes begin in `classes`; the first block is the first.
  let blocks: [UInt32]
  let classes: [UInt8]

  private init() {
    var flat = [UInt8](repeating: Self.other, count: 0x11_0000)
    func fill(_ first: UInt32, _ last: UInt32, _ value: UInt8) {
      guard first <= last, last < 0x11_0000 else { return }
      for scalar in first...last { flat[Int(scalar)] = value }
    }
    UnicodeDataReader.forEachRange(in: UnicodeCategories.letters) { fill($0, $1, Self.letter) }
    UnicodeDataReader.forEachRange(in: UnicodeCategories.numbers) { fill($0, $1, Self.number) }
    for scalar in UInt32(0)..<0x3001 where WhiteSpace.contains(scalar) { fill(scalar, scalar, Self.space) }

    // Most blocks hold one class only and share their storage.
    var blocks: [UInt32] = []
    var classes: [UInt8] = []
    var known: [ArraySlice<UInt8>: UInt32] = [:]
    for start in stride(from: 0, to: flat.count, by: 256) {
      let block = flat[start..<(start + 256)]
      if let place = known[block] {
        blocks.append(place)
      } else {
        known[block] = UInt32(classes.count)
        blocks.append(UInt32(classes.count))
        classes += block
      }
    }
    self.blocks = blocks
    self.classes = classes
  }
}
