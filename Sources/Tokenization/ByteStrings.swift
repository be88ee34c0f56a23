/// A list of byte strings in one buffer, such as a vocabulary's tokens.
public struct ByteStrings: Sendable {
  /// The strings' bytes; there may be other bytes before, between and behind them.
  public private(set) var bytes: [UInt8]
  /// Where each string begins in `bytes`.
  public private(set) var starts: [UInt32]
  /// How many bytes each string has.
  public private(set) var lengths: [UInt32]

  public init() {
    bytes = []
    starts = []
    lengths = []
  }

  /// Takes over a list; nil where a string does not lie inside the bytes.
  public init?(bytes: [UInt8], starts: [UInt32], lengths: [UInt32]) {
    guard starts.count == lengths.count,
      zip(starts, lengths).allSatisfy({ Int($0) + Int($1) <= bytes.count })
    else { return nil }
    self.bytes = bytes
    self.starts = starts
    self.lengths = lengths
  }

  public init(_ strings: some Sequence<String>) {
    self.init()
    for string in strings { append(string.utf8) }
  }

  public var count: Int { starts.count }

  /// The bytes of a string.
  public subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(of: index)] }

  /// Where a string lies in `bytes`.
  func range(of index: Int) -> Range<Int> {
    let start = Int(starts[index])
    return start..<(start + Int(lengths[index]))
  }

  mutating func append(_ string: some Sequence<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: string)
    starts.append(UInt32(truncatingIfNeeded: start))
    lengths.append(UInt32(truncatingIfNeeded: bytes.count - start))
  }

  mutating func reserve(strings: Int, bytes count: Int) {
    bytes.reserveCapacity(count)
    starts.reserveCapacity(strings)
    lengths.reserveCapacity(strings)
  }
}
