/// A vector that a search found.
package struct Neighbour: Hashable, Sendable {
  /// The label under which the vector was added.
  package var label: Int64
  /// The cosine of the angle between the vector and the query, from -1 to 1.
  package var score: Double

  package init(label: Int64, score: Double) {
    self.label = label
    self.score = score
  }
}

extension Neighbour: Comparable {
  /// Whether the left one is the worse find. Of equal scores the larger label is the worse one.
  package static func < (left: Neighbour, right: Neighbour) -> Bool {
    left.score != right.score ? left.score < right.score : left.label > right.label
  }
}
