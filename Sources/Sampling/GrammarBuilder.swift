import Diagnostics

/// Makes a grammar from its end to its beginning: each place is added after those that it leads to.
struct GrammarBuilder {
  private var nodes: [GrammarNode] = []
  private var edgeBytes: [UInt8] = []
  private var edgeTargets: [Int32] = []
  private var strings: [StringRule] = []
  private var numbers: [NumberRule] = []
  private(set) var arrays: [ArrayRule] = []

  /// So that no schema takes more than a few megabytes.
  static let greatestNodeCount = 1 << 17

  /// Whether the schema got too large; what is built from then on is of no use.
  private(set) var isFull = false

  init() {}

  func finish(start: Int32) -> Grammar {
    Grammar(
      nodes: nodes, start: start, edgeBytes: edgeBytes, edgeTargets: edgeTargets, strings: strings,
      numbers: numbers, arrays: arrays)
  }

  // MARK: Places

  private mutating func add(_ node: GrammarNode) -> Int32 {
    guard nodes.count < Self.greatestNodeCount else {
      isFull = true
      return 0
    }
    nodes.append(node)
    return Int32(truncatingIfNeeded: nodes.count - 1)
  }

  mutating func end() -> Int32 { add(GrammarNode(kind: .end, array: -1)) }

  mutating func string(_ rule: StringRule, next: Int32, array: Int16) -> Int32 {
    strings.append(rule)
    let body = add(
      GrammarNode(kind: .string, array: array, next: next, rule: Int32(truncatingIfNeeded: strings.count - 1))
    )
    return literal([UInt8(ascii: "\"")], next: body, array: array)
  }

  mutating func number(_ rule: NumberRule, next: Int32, array: Int16) -> Int32 {
    numbers.append(rule)
    return add(
      GrammarNode(kind: .number, array: array, next: next, rule: Int32(truncatingIfNeeded: numbers.count - 1))
    )
  }

  /// The place before bytes that stand there in any case.
  mutating func literal(_ bytes: some BidirectionalCollection<UInt8>, next: Int32, array: Int16) -> Int32 {
    var next = next
    for byte in bytes.reversed() { next = branch([(byte, next)], orElse: -1, array: array) }
    return next
  }

  /// The place before one of several strings, each with where it leads.
  ///
  /// A string may be the beginning of another only where all lead to the same place, and nothing that follows
  /// there begins as the longer one goes on.
  mutating func choice(_ strings: [(bytes: [UInt8], next: Int32)], array: Int16) -> Int32 {
    struct Place {
      var children: [(byte: UInt8, place: Int)] = []
      var next: Int32 = -1
    }
    var places = [Place()]
    for (bytes, next) in strings {
      var place = 0
      for byte in bytes {
        if let child = places[place].children.first(where: { $0.byte == byte }) {
          place = child.place
        } else {
          guard places.count < Self.greatestNodeCount else {
            isFull = true
            return 0
          }
          places[place].children.append((byte, places.count))
          place = places.count
          places.append(Place())
        }
      }
      places[place].next = next
    }
    // Children come behind their parents, so going backwards meets them first.
    var made = [Int32](repeating: -1, count: places.count)
    for (index, place) in places.enumerated().reversed() {
      if place.children.isEmpty {
        made[index] = place.next
      } else {
        let edges = place.children.map { ($0.byte, made[$0.place]) }
        made[index] = branch(edges, orElse: place.next, array: array)
      }
    }
    return made[0]
  }

  private mutating func branch(
    _ edges: [(byte: UInt8, target: Int32)], orElse next: Int32, array: Int16
  ) -> Int32 {
    edged(GrammarNode(kind: .branch, array: array, next: next), edges)
  }

  private mutating func edged(_ node: GrammarNode, _ edges: [(byte: UInt8, target: Int32)]) -> Int32 {
    var node = node
    node.firstEdge = Int32(truncatingIfNeeded: edgeBytes.count)
    node.edgeCount = Int32(truncatingIfNeeded: edges.count)
    for edge in edges.sorted(by: { $0.byte < $1.byte }) {
      edgeBytes.append(edge.byte)
      edgeTargets.append(edge.target)
    }
    return add(node)
  }

  /// The place before one of several values, which the first byte tells apart.
  ///
  /// - Returns: nil where two of them may begin with the same byte.
  mutating func alternatives(_ starts: [Int32], array: Int16) -> Int32? {
    var edges: [(byte: UInt8, target: Int32)] = []
    for start in starts {
      for byte in firstBytes(of: start) {
        guard !edges.contains(where: { $0.byte == byte }) else { return nil }
        edges.append((byte, start))
      }
    }
    return edged(GrammarNode(kind: .dispatch, array: array), edges)
  }

  /// The bytes with which a value may begin.
  private func firstBytes(of start: Int32) -> [UInt8] {
    guard nodes.indices.contains(Int(start)) else { return [] }
    let node = nodes[Int(start)]
    guard node.kind == .number else {
      return Array(edgeBytes[Int(node.firstEdge)..<Int(node.firstEdge + node.edgeCount)])
    }
    return Array("-0123456789".utf8)
  }

  // MARK: Arrays

  /// Begins an array: its number, and the place behind an element, which the element leads to.
  mutating func beginArray(
    least: UInt16, most: UInt16, level: Int, parent: Int16, next: Int32
  ) -> (array: Int16, afterElement: Int32) {
    let number = min(arrays.count, Int(Int16.max))
    if arrays.count > number { isFull = true }
    let array = Int16(truncatingIfNeeded: number)
    let after = add(
      GrammarNode(kind: .afterElement, array: array, next: next, rule: Int32(truncatingIfNeeded: number)))
    arrays.append(ArrayRule(least: least, most: most, level: level, parent: parent, afterElement: after))
    return (array, after)
  }

  /// Ends it, when the place before an element is known; returns the place before the bracket.
  mutating func endArray(
    _ array: Int16, element: Int32, separator: some BidirectionalCollection<UInt8>, next: Int32
  )
    -> Int32
  {
    let number = Int(array)
    let parent = arrays[number].parent
    arrays[number].element = element
    // The comma itself is taken at the place behind an element.
    arrays[number].separator = literal(separator.dropFirst(), next: element, array: array)
    let start = add(
      GrammarNode(kind: .arrayStart, array: parent, next: next, rule: Int32(truncatingIfNeeded: number)))
    return literal([UInt8(ascii: "[")], next: start, array: parent)
  }
}
