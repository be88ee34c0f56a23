/// A list of byte strings that lie in one buffer, such as a vocabulary's tokens: a hundred thousand of them
/// cost no allocation each.
public struct GGUFTexts: Hashable, Sendable, RandomAccessCollection {
  /// The texts' bytes, with the length of each before it and other bytes around them.
  public let bytes: [UInt8]
  /// Where each text begins in `bytes`.
  public let starts: [UInt32]
  /// How many bytes each text has.
  public let lengths: [UInt32]

  /// The caller has checked that every text lies inside the bytes.
  init(bytes: [UInt8], starts: [UInt32], lengths: [UInt32]) {
    self.bytes = bytes
    self.starts = starts
    self.lengths = lengths
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { starts.count }

  /// The bytes of a text, which are UTF-8 in sound files.
  public subscript(position: Int) -> ArraySlice<UInt8> {
    let start = Int(starts[position])
    return bytes[start..<(start + Int(lengths[position]))]
  }

  public static func == (a: GGUFTexts, b: GGUFTexts) -> Bool { a.elementsEqual(b) }

  public func hash(into hasher: inout Hasher) {
    for text in self { hasher.combine(text) }
  }
}
