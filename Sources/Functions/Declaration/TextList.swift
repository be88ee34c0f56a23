/// Texts one after the other in one run of bytes: how the texts of a group come to an aggregate function.
///
/// Each text is its length in four bytes, the least significant first, and its UTF-8. Among arguments a list is a
/// blob, so that everything that handles arguments (keys, batches, budgets) handles it too, and appending a row
/// allocates nothing.
public struct TextList: Hashable, Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public init(_ texts: some Sequence<String>) {
    for text in texts { append(text) }
  }

  /// A list as it stands in an argument; nil where the bytes are no list.
  public init?(_ value: Value) {
    guard case .blob(let bytes) = value else { return nil }
    self.bytes = bytes
    var position = 0
    while position < bytes.count {
      guard let next = end(from: position) else { return nil }
      position = next
    }
  }

  public var isEmpty: Bool { bytes.isEmpty }

  /// The list as an argument.
  public var value: Value { .blob(bytes) }

  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      // Arguments are far shorter than 4 GiB; see `Limits.maximumTextBytes`.
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: utf8.count).littleEndian) { bytes += $0 }
      bytes += utf8
    }
  }

  public var texts: [String] {
    var texts: [String] = []
    var position = 0
    while position < bytes.count, let next = end(from: position) {
      texts.append(String(decoding: bytes[(position + Self.lengthBytes)..<next], as: UTF8.self))
      position = next
    }
    return texts
  }

  private static let lengthBytes = 4

  /// Where the text that begins at a position ends.
  private func end(from position: Int) -> Int? {
    guard bytes.count - position >= Self.lengthBytes else { return nil }
    var length = 0
    for offset in 0..<Self.lengthBytes { length |= Int(bytes[position + offset]) << (8 * offset) }
    let start = position + Self.lengthBytes
    return length <= bytes.count - start ? start + length : nil
  }
}
