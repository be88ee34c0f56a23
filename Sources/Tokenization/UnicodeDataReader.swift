/// Reads the lists of `UnicodeData`, whose grammar is described there.
///
/// The lists are our own, so a malformed one is a defect that the tests find; reading never traps or runs on.
struct UnicodeDataReader {
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private var index = 0

  init(_ list: StaticString) {
    bytes = list.utf8Start
    count = list.utf8CodeUnitCount
  }

  /// Calls `body` with the first and last scalar of each item of a set.
  static func forEachRange(in list: StaticString, _ body: (UInt32, UInt32) -> Void) {
    var reader = UnicodeDataReader(list)
    while !reader.isAtEnd {
      let first = reader.number()
      body(first, reader.consume("-") ? reader.number() : first)
      reader.skipSeparator()
    }
  }

  /// Calls `body` with the value, the first and the last scalar of each range of a `value:ranges` list.
  static func forEachValuedRange(in list: StaticString, _ body: (UInt32, UInt32, UInt32) -> Void) {
    var reader = UnicodeDataReader(list)
    while !reader.isAtEnd {
      let value = reader.number()
      reader.skipSeparator()
      repeat {
        let first = reader.number()
        body(value, first, reader.consume("-") ? reader.number() : first)
      } while reader.consume(",")
      reader.skipSeparator()
    }
  }

  /// Calls `body` with each scalar of a mapping and what it becomes: 1 to 3 scalars, unused ones 0.
  static func forEachMapping(in list: StaticString, _ body: (UInt32, (UInt32, UInt32, UInt32)) -> Void) {
    var reader = UnicodeDataReader(list)
    while !reader.isAtEnd {
      let first = reader.number()
      let last = reader.consume("-") ? reader.number() : first
      let step = reader.consume("/") ? max(1, reader.number()) : 1
      let countsUp = !reader.consume("=")
      if countsUp { reader.skipSeparator() }
      let target = reader.number()
      let second = reader.consume("+") ? reader.number() : 0
      let third = reader.consume("+") ? reader.number() : 0
      var scalar = first
      while scalar <= last {
        body(scalar, (countsUp ? target &+ (scalar &- first) : target, second, third))
        scalar &+= step
      }
      reader.skipSeparator()
    }
  }

  private var isAtEnd: Bool { index >= count }

  private mutating func consume(_ character: Unicode.Scalar) -> Bool {
    guard index < count, UInt32(bytes[index]) == character.value else { return false }
    index += 1
    return true
  }

  private mutating func skipSeparator() { index += 1 }

  private mutating func number() -> UInt32 {
    var value: UInt32 = 0
    while index < count {
      switch bytes[index] {
      case let digit where digit >= 0x30 && digit <= 0x39: value = value &<< 4 | UInt32(digit &- 0x30)
      case let digit where digit >= 0x41 && digit <= 0x46: value = value &<< 4 | UInt32(digit &- 0x37)
      default: return value
      }
      index += 1
    }
    return value
  }
}
