/// A deterministic automaton over the bytes of an answer: what may follow what.
///
/// It is made by `GrammarBuilder`, never changes, and knows no vocabulary. Any number of threads may use one:
/// nothing writes to its memory between `init` and `deinit`.
final class Grammar: Sendable {
  let nodeCount: Int
  let start: Int32
  nonisolated(unsafe) let nodes: UnsafeMutablePointer<GrammarNode>
  /// The bytes of the edges, in order within each node, and where they lead.
  nonisolated(unsafe) let edgeBytes: UnsafeMutablePointer<UInt8>
  nonisolated(unsafe) let edgeTargets: UnsafeMutablePointer<Int32>
  nonisolated(unsafe) let strings: UnsafeMutablePointer<StringRule>
  nonisolated(unsafe) let arrays: UnsafeMutablePointer<ArrayRule>
  let arrayCount: Int
  let numbers: [NumberRule]

  init(
    nodes: [GrammarNode], start: Int32, edgeBytes: [UInt8], edgeTargets: [Int32], strings: [StringRule],
    numbers: [NumberRule], arrays: [ArrayRule]
  ) {
    nodeCount = nodes.count
    arrayCount = arrays.count
    self.start = start
    self.numbers = numbers
    self.nodes = Self.copy(nodes)
    self.edgeBytes = Self.copy(edgeBytes)
    self.edgeTargets = Self.copy(edgeTargets)
    self.strings = Self.copy(strings)
    self.arrays = Self.copy(arrays)
  }

  deinit {
    nodes.deallocate()
    edgeBytes.deallocate()
    edgeTargets.deallocate()
    strings.deallocate()
    arrays.deallocate()
  }

  private static func copy<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafeMutablePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, array.count))
    array.withUnsafeBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      copy.initialize(from: base, count: elements.count)
    }
    return copy
  }

  var startState: GrammarState { GrammarState(node: start) }

  // MARK: Stepping

  /// Takes one byte; false, with the state in no order, where it cannot follow.
  @inline(__always)
  func step(_ state: inout GrammarState, _ byte: UInt8) -> Bool {
    while true {
      let node = nodes[Int(state.node)]
      switch node.kind {
      case .string:
        let phase = StringPhase.next(state.phase, byte)
        if phase < StringPhase.invalid {
          if state.phase == StringPhase.plain {
            guard state.count < strings[Int(node.rule)].most else { return false }
            state.count &+= 1
          }
          state.phase = phase
          return true
        }
        guard phase == StringPhase.closed, state.count >= strings[Int(node.rule)].least else { return false }
        leave(&state, to: node.next)
        return true
      case .branch:
        let target = target(of: node, byte)
        if target >= 0 {
          state.node = target
          return true
        }
        guard node.next >= 0 else { return false }
        state.node = node.next
      case .dispatch:
        let target = target(of: node, byte)
        guard target >= 0 else { return false }
        state.node = target
      case .number:
        if advanceNumber(&state, node, byte) { return true }
        guard isNumberComplete(state, node) else { return false }
        leave(&state, to: node.next)
      case .arrayStart:
        let array = arrays[Int(node.rule)]
        if byte == UInt8(ascii: "]"), array.least == 0 {
          state.node = node.next
          return true
        }
        guard array.most > 0 else { return false }
        state.elements[array.level] = 1
        state.node = array.element
      case .afterElement:
        let array = arrays[Int(node.rule)]
        let count = state.elements[array.level]
        if byte == UInt8(ascii: ","), count < array.most {
          state.elements[array.level] = count &+ 1
          state.node = array.separator
          return true
        }
        guard byte == UInt8(ascii: "]"), count >= array.least else { return false }
        state.elements[array.level] = 0
        state.node = node.next
        return true
      case .end: return false
      }
    }
  }

  @inline(__always)
  private func leave(_ state: inout GrammarState, to node: Int32) {
    state.node = node
    state.phase = 0
    state.isNegative = false
    state.count = 0
    state.value = 0
  }

  /// Where an edge leads; -1 where there is none for the byte.
  @inline(__always)
  func target(of node: GrammarNode, _ byte: UInt8) -> Int32 {
    var low = Int(node.firstEdge)
    var count = Int(node.edgeCount)
    while count > 8 {
      let half = count / 2
      if edgeBytes[low + half] <= byte { low += half }
      count -= half
    }
    for edge in low..<(low + count) where edgeBytes[edge] == byte { return edgeTargets[edge] }
    return -1
  }

  // MARK: Numbers

  func progress(_ state: GrammarState) -> NumberRule.Progress {
    NumberRule.Progress(
      part: state.phase, isNegative: state.isNegative, digits: state.count, value: state.value)
  }

  private func advanceNumber(_ state: inout GrammarState, _ node: GrammarNode, _ byte: UInt8) -> Bool {
    var progress = progress(state)
    guard numbers[Int(node.rule)].advance(&progress, byte) else { return false }
    state.phase = progress.part
    state.isNegative = progress.isNegative
    state.count = progress.digits
    state.value = progress.value
    return true
  }

  private func isNumberComplete(_ state: GrammarState, _ node: GrammarNode) -> Bool {
    numbers[Int(node.rule)].isComplete(progress(state))
  }

  // MARK: Questions

  /// Whether what is written is a whole answer.
  func canEnd(_ state: GrammarState) -> Bool {
    var state = state
    while true {
      let node = nodes[Int(state.node)]
      switch node.kind {
      case .end: return true
      case .branch:
        guard node.next >= 0 else { return false }
        state.node = node.next
      case .number:
        guard isNumberComplete(state, node) else { return false }
        leave(&state, to: node.next)
      default: return false
      }
    }
  }

  /// The only byte that can follow; nil where there are several, or none, or where the answer may end.
  func forcedByte(_ state: GrammarState) -> UInt8? {
    var found: UInt8?
    let node = nodes[Int(state.node)]
    switch node.kind {
    case .end: return nil
    // A full string has one way on, and one that is not has many.
    case .string where state.phase == StringPhase.plain && state.count < strings[Int(node.rule)].most:
      return nil
    case .branch where node.next < 0 && node.edgeCount == 1: return edgeBytes[Int(node.firstEdge)]
    case .branch where node.edgeCount > 1, .dispatch where node.edgeCount > 1: return nil
    default: break
    }
    guard !canEnd(state) else { return nil }
    for byte in UInt8.min...UInt8.max {
      var next = state
      guard step(&next, byte) else { continue }
      guard found == nil else { return nil }
      found = byte
    }
    return found
  }
}
