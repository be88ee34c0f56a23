/// The tokens of a vocabulary as a tree over their bytes, laid out in preorder so that walking it is running
/// through an array and leaving a subtree out is a jump.
///
/// A trie never changes after `init`, so any number of threads may walk one.
struct TokenTrie: Sendable {
  struct Node: Sendable {
    /// The first node behind the subtree.
    var end: Int32
    /// Where the node's tokens, and behind them its subtree's, begin in `tokens`.
    var firstToken: Int32
    /// How many bytes lead here: 1 for the children of the root, which itself is not stored.
    var depth: UInt16
    var byte: UInt8
  }

  /// One more than there are nodes: the last one only ends the tokens of the one before.
  private(set) var nodes: [Node] = []
  /// The tokens in the order of their bytes.
  private(set) var tokens: [Int32] = []
  private(set) var greatestDepth = 0
  /// Where the tokens with this first byte begin in `nodes`, or -1.
  private(set) var children = [Int32](repeating: -1, count: 256)

  /// Longer tokens are left out: nothing needs them, and a hostile file could be one token long.
  static let longestToken = 256

  var count: Int { nodes.count - 1 }

  /// - Parameter tokens: with their bytes; those without any are left out.
  init(_ listed: [(bytes: ArraySlice<UInt8>, token: Int32)]) {
    let sorted = Self.sorted(listed.filter { !$0.bytes.isEmpty && $0.bytes.count <= Self.longestToken })
    tokens.reserveCapacity(sorted.count)
    nodes.reserveCapacity(sorted.count * 3)
    /// The node at each depth of the last token.
    var path: [Int] = []
    var last: ArraySlice<UInt8> = []
    for (bytes, token) in sorted {
      let shared = zip(last, bytes).prefix { $0 == $1 }.count
      close(&path, to: shared)
      for byte in bytes.dropFirst(shared) {
        if path.isEmpty { children[Int(byte)] = Int32(truncatingIfNeeded: nodes.count) }
        path.append(nodes.count)
        nodes.append(
          Node(
            end: 0, firstToken: Int32(truncatingIfNeeded: tokens.count),
            depth: UInt16(truncatingIfNeeded: path.count), byte: byte))
      }
      tokens.append(token)
      greatestDepth = max(greatestDepth, path.count)
      last = bytes
    }
    close(&path, to: 0)
    nodes.append(
      Node(
        end: Int32(truncatingIfNeeded: nodes.count), firstToken: Int32(truncatingIfNeeded: tokens.count),
        depth: 0,
        byte: 0))
  }

  private mutating func close(_ path: inout [Int], to depth: Int) {
    while path.count > depth {
      nodes[path.removeLast()].end = Int32(truncatingIfNeeded: nodes.count)
    }
  }

  /// In the order of the bytes, of equal ones the lowest token first.
  private static func sorted(
    _ listed: [(bytes: ArraySlice<UInt8>, token: Int32)]
  ) -> [(bytes: ArraySlice<UInt8>, token: Int32)] {
    // The first eight bytes decide nearly every comparison.
    let keyed = listed.enumerated().map { place, entry in
      var key: UInt64 = 0
      for byte in entry.bytes.prefix(8) { key = key << 8 | UInt64(byte) }
      return (key << UInt64(8 * (8 - min(8, entry.bytes.count))), Int32(truncatingIfNeeded: place))
    }
    let order = keyed.sorted { a, b in
      if a.0 != b.0 { return a.0 < b.0 }
      let (left, right) = (listed[Int(a.1)], listed[Int(b.1)])
      if left.bytes.elementsEqual(right.bytes) { return left.token < right.token }
      return left.bytes.lexicographicallyPrecedes(right.bytes)
    }
    return order.map { listed[Int($0.1)] }
  }

  /// The longest token that a text begins with; nil where there is none.
  func longestPrefix(of bytes: ArraySlice<UInt8>) -> (token: Int32, count: Int)? {
    var best: (token: Int32, count: Int)?
    guard let first = bytes.first, var node = Int(exactly: children[Int(first)]), node >= 0 else {
      return nil
    }
    var depth = 1
    while true {
      if nodes[node + 1].firstToken > nodes[node].firstToken {
        best = (tokens[Int(nodes[node].firstToken)], depth)
      }
      guard depth < bytes.count else { return best }
      let byte = bytes[bytes.startIndex + depth]
      let end = Int(nodes[node].end)
      var child = node + 1
      while child < end, nodes[child].byte != byte { child = Int(nodes[child].end) }
      guard child < end else { return best }
      node = child
      depth += 1
    }
  }
}
