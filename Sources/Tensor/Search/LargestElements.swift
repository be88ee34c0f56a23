/// The largest of all elements that were offered, up to a number of them: a binary heap with the least one on top.
package struct LargestElements<Element: Comparable> {
  private let limit: Int
  private var heap: [Element] = []

  /// - Parameter limit: how many are kept, at least 1.
  package init(limit: Int) {
    self.limit = max(limit, 1)
    heap.reserveCapacity(min(self.limit, 1_024))
  }

  /// Elements below this one are not kept any more; nil as long as all are.
  package var least: Element? { heap.count == limit ? heap[0] : nil }

  package mutating func offer(_ element: Element) {
    guard heap.count == limit else {
      heap.append(element)
      rise(heap.count - 1)
      return
    }
    guard heap[0] < element else { return }
    heap[0] = element
    sink()
  }

  /// What is kept, the largest first.
  package var sorted: [Element] { heap.sorted(by: >) }

  private mutating func rise(_ start: Int) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard heap[position] < heap[parent] else { return }
      heap.swapAt(position, parent)
      position = parent
    }
  }

  private mutating func sink() {
    var position = 0
    while true {
      var least = position
      for child in [2 * position + 1, 2 * position + 2] where child < heap.count && heap[child] < heap[least]
      {
        least = child
      }
      guard least != position else { return }
      heap.swapAt(position, least)
      position = least
    }
  }
}
